import { Problem } from '#kit/core'
import type { Awaitable, Executor, Statement, Unit, WriteOptions } from '../../types.ts'
import { beginWrite } from './begin-write.ts'
import type { SqliteConnection } from './connection.ts'
import type { CommitStep, Job, Outcome, WriterOptions } from './job.ts'
import { SqliteTrail } from './trail.ts'
import { SqliteUnit } from './unit.ts'

/** A group is committed when this many units are in it, … */
const groupUnits = 64
/** … or when it has been open for this long. */
const usualGroupMs = 2
/** How long one unit may hold the writer, unless it says itself that it needs longer. */
const unitMs = 1000
/** How long groups may follow one another before everybody else has his turn. */
const turnMs = 10
/** How many units get savepoints once a group had to be repeated for want of them. */
const carefulUnits = 1000

const statement = (sql: string): Statement => Object.freeze({ sql, slots: [] })
const commit = statement('COMMIT')
const rollback = statement('ROLLBACK')
const savepoint = statement('SAVEPOINT unit')
const release = statement('RELEASE unit')
const rollbackToSavepoint = statement('ROLLBACK TO unit')

/**
 * The queue before the one writing connection. Units run one after the other in the transaction that is open; callers
 * hear of theirs once the group is committed. A savepoint for each would cost as much as its writes, and hardly one
 * fails after it wrote: where one does, the transaction is rolled back and its neighbours are repeated, with savepoints.
 */
export class Writer {
  readonly #connection: SqliteConnection
  readonly #options: WriterOptions
  #queue: Job[] = []
  #isDraining = false
  #isClosed = false
  #idle: (() => void)[] = []
  readonly #trail: SqliteTrail
  #current: SqliteUnit | undefined
  #currentUntilMs = 0
  #lastGroupSize = 0
  /** So many units get savepoints yet. */
  #carefulLeft = 0
  readonly #watchdog: ReturnType<typeof setInterval>

  constructor(connection: SqliteConnection, options: WriterOptions) {
    this.#connection = connection
    this.#options = options
    this.#trail = new SqliteTrail(connection)
    this.#watchdog = setInterval(() => this.#abortLongUnit(), unitMs / 4)
    this.#watchdog.unref()
  }

  write<T>(
    name: string,
    work: (unit: Unit) => Awaitable<T>,
    { limitMs = unitMs }: WriteOptions = {},
  ): Promise<T> {
    return this.#enqueue({ name, limitMs, isExclusive: false }, work)
  }

  exclusively<T>(work: (executor: Executor) => Awaitable<T>): Promise<T> {
    const job = { name: 'exclusive', limitMs: Number.POSITIVE_INFINITY, isExclusive: true }
    return this.#enqueue(job, () => work(this.#connection))
  }

  /** Refuses further units and resolves when those in the queue are settled. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#isDraining) await new Promise<void>((resolve) => this.#idle.push(resolve))
    clearInterval(this.#watchdog)
  }

  #abortLongUnit(): void {
    if (this.#current && performance.now() > this.#currentUntilMs) this.#current.abort()
  }

  #enqueue<T>(
    job: Pick<Job, 'name' | 'limitMs' | 'isExclusive'>,
    work: (unit: Unit) => Awaitable<T>,
  ): Promise<T> {
    if (this.#isClosed) return Promise.reject(new Problem('unavailable', 'The server is stopping.'))
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ ...job, work, resolve: resolve as Job['resolve'], reject })
      if (this.#isDraining) return
      this.#isDraining = true
      // After the events that are at hand: what they bring joins this group.
      setImmediate(() => void this.#drain())
    })
  }

  async #drain(): Promise<void> {
    let sinceMs = performance.now()
    while (this.#queue.length > 0) {
      if (this.#queue[0]?.isExclusive) await this.#runExclusive()
      else await this.#runGroup()
      // Who asks again as soon as he is told would otherwise keep the event loop from all others.
      if (performance.now() - sinceMs < turnMs) continue
      await new Promise((resolve) => setImmediate(resolve))
      sinceMs = performance.now()
    }
    this.#isDraining = false
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  async #runExclusive(): Promise<void> {
    const job = this.#queue.shift()
    if (!job) return
    const unit = new SqliteUnit(job.name, this.#connection, this.#trail)
    const settle = await Promise.resolve()
      .then(() => job.work(unit))
      .then(
        (value) => () => job.resolve(value),
        (error: unknown) => () => job.reject(error),
      )
    if (this.#connection.isInTransaction) this.#connection.run(rollback, [])
    this.#options.onCommitted?.()
    this.#options.onUnseen?.()
    settle()
  }

  async #runGroup(): Promise<void> {
    const outcomes: Outcome[] = []
    try {
      await this.#begin()
      const until = performance.now() + (this.#options.groupMs ?? usualGroupMs)
      const isCareful = this.#carefulLeft > 0
      let isOpen = true
      while (isOpen) {
        const job = this.#takeUnit(outcomes) ?? (await this.#nextUnit(outcomes))
        if (!job) break
        const running = this.#runUnit(job, isCareful)
        const outcome = running instanceof Promise ? await running : running
        outcomes.push(outcome)
        this.#assertTransaction()
        if (outcome.isFailed && outcome.unit.hasWritten) return this.#undoGroup(outcomes)
        isOpen = outcomes.length < groupUnits && performance.now() < until && !isLong(job)
      }
      this.#commit(outcomes)
    } catch (error) {
      this.#failGroup(outcomes, error)
      return
    }
    this.#options.onCommitted?.()
    this.#settle(outcomes)
  }

  #commit(outcomes: readonly Outcome[]): void {
    this.#lastGroupSize = outcomes.length
    this.#carefulLeft = Math.max(0, this.#carefulLeft - outcomes.length)
    if (this.#trail.isMoved) {
      this.#step('head')
      this.#trail.storeHead()
    }
    this.#step('commit')
    this.#connection.run(commit, [])
  }

  /** The last one failed and had written: nothing is kept, and those who lose what they wrote do it again. */
  #undoGroup(outcomes: readonly Outcome[]): void {
    this.#connection.run(rollback, [])
    const hasLost = outcomes.some(({ unit, isFailed }) => !isFailed && unit.hasWritten)
    const repeated = hasLost ? outcomes.filter(({ unit }) => !unit.isAborted) : []
    if (hasLost) this.#carefulLeft = carefulUnits
    this.#queue.unshift(...repeated.map(({ job }) => job))
    this.#settle(outcomes.filter((outcome) => !repeated.includes(outcome)))
  }

  /** What is told now is on disk. A caller's own fault must not keep the others from hearing. */
  #settle(outcomes: readonly Outcome[]): void {
    try {
      this.#step('settle')
    } finally {
      for (const { settle } of outcomes) settle()
      for (const { unit } of outcomes) {
        if (!unit.changes.isEmpty) this.#options.onWritten?.(unit.changes.all)
        unit.runAfterCommit(this.#options.log)
      }
    }
  }

  /** The engine may give up the whole transaction at a fault (disk full): then nothing of the group is kept. */
  #assertTransaction(): void {
    if (this.#connection.isInTransaction) return
    throw new Problem('unavailable', 'The database gave up the transaction; nothing was written.', {
      headers: { 'Retry-After': '1' },
    })
  }

  /**
   * Where several write at once, those who heard of the last group are about to ask again: one turn of the
   * event loop lets them join this one (27 units a group instead of 17, of 32 clients). Who writes alone does not wait.
   */
  async #nextUnit(group: readonly Outcome[]): Promise<Job | undefined> {
    if (group.length === 1 && this.#lastGroupSize <= 1) return undefined
    await new Promise((resolve) => setImmediate(resolve))
    return this.#takeUnit(group)
  }

  /** A unit that may take long is a group of its own: it is never repeated for another's sake. */
  #takeUnit(group: readonly Outcome[]): Job | undefined {
    const [next] = this.#queue
    if (!next || next.isExclusive || (isLong(next) && group.length > 0)) return undefined
    return this.#queue.shift()
  }

  async #begin(): Promise<void> {
    this.#step('begin')
    await beginWrite(this.#connection)
    this.#trail.begin()
  }

  /** At once, where the work is done at once. */
  #runUnit(job: Job, isCareful: boolean): Awaitable<Outcome> {
    const unit = new SqliteUnit(job.name, this.#connection, this.#trail)
    const run = { job, unit, isCareful }
    try {
      if (isCareful) this.#runStep('savepoint', savepoint)
      this.#step('work')
      this.#currentUntilMs = performance.now() + job.limitMs
      this.#current = unit
      const value = unit.perform(job.work)
      if (!(value instanceof Promise)) return this.#finishUnit(run, value)
      return value
        .then((done) => this.#finishUnit(run, done))
        .catch((error: unknown) => this.#failUnit(run, error))
    } catch (error) {
      return this.#failUnit(run, error)
    }
  }

  #finishUnit({ job, unit, isCareful }: Run, value: unknown): Outcome {
    unit.assertSound()
    unit.close()
    if (isCareful) this.#runStep('release', release)
    this.#current = undefined
    return { job, unit, isFailed: false, settle: () => job.resolve(value) }
  }

  #failUnit({ job, unit, isCareful }: Run, error: unknown): Outcome {
    this.#current = undefined
    unit.close()
    unit.drop()
    if (isCareful) this.#undoUnit(unit)
    if (unit.isAborted)
      this.#options.log.error({ unit: job.name }, 'unit of work held the writer too long')
    return { job, unit, isFailed: true, settle: () => job.reject(error) }
  }

  #undoUnit(unit: SqliteUnit): void {
    if (!this.#connection.isInTransaction) return
    try {
      this.#connection.run(rollbackToSavepoint, [])
      this.#connection.run(release, [])
      unit.hasWritten = false
    } catch (error) {
      // Without the savepoint the unit cannot be told from its neighbours: the group is given up.
      this.#options.log.error({ err: error }, 'a savepoint could not be rolled back')
      this.#connection.run(rollback, [])
    }
  }

  #failGroup(outcomes: readonly Outcome[], error: unknown): void {
    if (this.#connection.isInTransaction) this.#connection.run(rollback, [])
    this.#options.log.error(
      { err: error, units: outcomes.length },
      'a group of units was not committed',
    )
    for (const { job, isFailed, settle } of outcomes)
      if (isFailed) settle()
      else job.reject(error)
    // Where not even the transaction could be opened, all have waited long enough.
    if (outcomes.length === 0) for (const job of this.#queue.splice(0)) job.reject(error)
  }

  #runStep(step: CommitStep, statement: Statement): void {
    this.#step(step)
    this.#connection.run(statement, [])
  }

  #step(step: CommitStep): void {
    this.#options.onStep?.(step)
  }
}

/** A unit that runs, with or without a savepoint. */
interface Run {
  readonly job: Job
  readonly unit: SqliteUnit
  readonly isCareful: boolean
}

function isLong({ limitMs }: Job): boolean {
  return limitMs > unitMs
}
