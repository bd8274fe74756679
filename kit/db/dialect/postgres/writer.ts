import { type Log, Problem } from '#kit/core'
import type { ChainHead } from '../../audit/audit-entry.ts'
import type { Awaitable, Unit, WriteOptions } from '../../types.ts'
import type { PostgresChanges } from './changes.ts'
import type { PostgresConnection } from './connection.ts'
import { isCollision, isLoss, isTransient } from './faults.ts'
import { pauseBefore } from './pause.ts'
import type { Pool } from './pool.ts'
import { Chains } from './trail.ts'
import { PostgresUnit } from './unit.ts'

/** How often a unit is tried before its caller is told to try himself. */
const attempts = 12
const usualUnitMs = 10_000
/** How long a unit may be repeated, beyond the time that it may take, before its caller is told to try himself. */
const patienceMs = 10_000
/** Waits no longer than this between two attempts. */
const longestPauseMs = 100

export interface WriterOptions {
  readonly log: Log
  readonly changes: PostgresChanges
  /** How long one unit may hold its connection, unless it says itself that it needs longer. Default: 10 s. */
  readonly unitMs?: number | undefined
}

/** Runs units of work, each in a transaction, several at a time. */
export class PostgresWriter {
  readonly #pool: Pool
  readonly #log: Log
  readonly #changes: PostgresChanges
  /** Units that stood in each other's way are repeated one after the other. */
  #repeating: Promise<unknown> = Promise.resolve()
  readonly #active = new Set<PostgresUnit>()
  readonly #chains = new Chains()
  readonly #watchdog: ReturnType<typeof setInterval>
  readonly #unitMs: number

  constructor(pool: Pool, options: WriterOptions) {
    this.#pool = pool
    this.#log = options.log
    this.#changes = options.changes
    this.#unitMs = options.unitMs ?? usualUnitMs
    this.#watchdog = setInterval(() => this.#abortLongUnits(), this.#unitMs / 4)
    this.#watchdog.unref()
  }

  close(): void {
    clearInterval(this.#watchdog)
  }

  async write<T>(
    name: string,
    work: (unit: Unit) => Awaitable<T>,
    { limitMs = this.#unitMs }: WriteOptions = {},
  ): Promise<T> {
    const job = { name, work, limitMs }
    const untilMs = performance.now() + patienceMs + (limitMs > this.#unitMs ? limitMs : 0)
    for (let attempt = 1; ; attempt += 1) {
      const done = await this.#attempt(job)
      if (done.isDone) return done.value
      // Those that collided stand in a queue; those that were cut off need not wait for each other.
      if (isCollision(done.error)) return this.#queue(() => this.#repeat(job, untilMs))
      if (attempt === attempts || performance.now() > untilMs) throw done.error
    }
  }

  #queue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#repeating.then(work)
    this.#repeating = result.catch(() => {})
    return result
  }

  async #repeat<T>(job: Job<T>, untilMs: number): Promise<T> {
    let fault: unknown
    for (let attempt = 1; attempt < attempts && performance.now() < untilMs; attempt += 1) {
      const done = await this.#attempt(job)
      if (done.isDone) return done.value
      fault = done.error
      await pauseBefore(attempt, longestPauseMs)
    }
    throw fault === undefined || isCollision(fault) ? crowded(fault) : fault
  }

  async #attempt<T>({ name, work, limitMs }: Job<T>): Promise<Attempt<T>> {
    const taken = this.#pool.take()
    const connection = taken instanceof Promise ? await taken : taken
    const chain = this.#chains.take()
    const unit = new PostgresUnit(name, connection, chain)
    unit.untilMs = performance.now() + limitMs
    this.#active.add(unit)
    try {
      const value = await unit.perform(work)
      const { isEmpty, all } = unit.changes
      await unit.commit(isEmpty ? [] : await this.#changes.messagesFor(unit, all))
      this.#active.delete(unit)
      this.#chains.giveBack(unit.chain)
      this.#pool.release(connection)
      unit.runAfterCommit(this.#log)
      return { isDone: true, value }
    } catch (error) {
      this.#active.delete(unit)
      await this.#undo(unit, connection, chain)
      if (unit.isCommitting && isLoss(error)) throw unknownOutcome(error)
      if (isLoss(error)) this.#pool.distrust(connection)
      if (isLoss(error) || isTransient(error)) return { isDone: false, error }
      throw error
    }
  }

  #abortLongUnits(): void {
    const nowMs = performance.now()
    for (const unit of this.#active) {
      if (unit.untilMs > nowMs || unit.isCommitting) continue
      this.#log.error({ unit: unit.name }, 'unit of work took too long and was aborted')
      unit.abort()
    }
  }

  async #undo(unit: PostgresUnit, connection: PostgresConnection, chain: ChainHead): Promise<void> {
    // What it waits for may never come; the server rolls back what is cut off.
    if (unit.isAborted) return this.#pool.discard(connection)
    try {
      await unit.rollback()
      if (!connection.isLost && !unit.hasForeignEntry) this.#chains.giveBack(chain)
      this.#pool.release(connection)
    } catch (error) {
      this.#log.warn(
        { err: error, unit: unit.name },
        'a unit was not rolled back; its connection is closed',
      )
      this.#pool.discard(connection)
    }
  }
}

interface Job<T> {
  readonly name: string
  readonly work: (unit: Unit) => Awaitable<T>
  readonly limitMs: number
}

type Attempt<T> =
  | { readonly isDone: true; readonly value: T }
  | { readonly isDone: false; readonly error: unknown }

function crowded(cause: unknown): Problem {
  return new Problem('unavailable', 'Too many change the same rows at once. Try again.', {
    cause,
    headers: { 'Retry-After': '1' },
  })
}

/** Never repeated: what was written may be kept, and would be kept twice. */
function unknownOutcome(cause: unknown): Problem {
  return new Problem(
    'unavailable',
    'The database was cut off while it committed: whether the change was kept is not known. Read before you try again.',
    { cause },
  )
}
