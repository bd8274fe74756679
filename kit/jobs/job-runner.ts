import { fromInstant, Problem } from '#kit/core'
import { bindSystem } from '#kit/db'
import type { ServiceContext } from '#kit/http'
import { anonymous } from '#kit/model'
import type { Job, JobRun } from './define-job.ts'
import { type Ending, JobStore, leaseMs } from './job-store.ts'

const renewEveryMs = leaseMs / 3
const longestWaitMs = 30_000
const shortestWaitMs = 250
/** A run that takes longer is given up. */
const usualLimitMs = 3_600_000

export interface JobRunnerOptions {
  readonly limitMs?: number
}

interface Running {
  readonly controller: AbortController
  readonly ended: Promise<void>
}

/** Runs jobs when they are due, each in one process at a time. */
export class JobRunner {
  readonly #jobs: readonly Job[]
  readonly #context: ServiceContext
  readonly #store: JobStore
  readonly #limitMs: number
  readonly #running = new Map<string, Running>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #ticking: Promise<void> | undefined
  #isStopped = false

  constructor(
    jobs: readonly Job[],
    context: ServiceContext,
    { limitMs = usualLimitMs }: JobRunnerOptions = {},
  ) {
    this.#jobs = jobs.filter(({ isWanted }) => isWanted(context.config))
    this.#context = context
    this.#store = new JobStore(context)
    this.#limitMs = limitMs
  }

  /** Runs what is due, now and from now on. */
  start(): void {
    if (this.#jobs.length > 0) this.#ticking = this.#tick()
  }

  /** Begins nothing more, tells what runs to end, and waits for it. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    await this.#ticking
    for (const { controller } of this.#running.values()) controller.abort()
    await Promise.all([...this.#running.values()].map(({ ended }) => ended))
  }

  /** Runs what is due, and answers the names of what it ran when that has ended. */
  async runDue(): Promise<readonly string[]> {
    const begun = await this.#beginDue()
    await Promise.all(begun.map((name) => this.#running.get(name)?.ended))
    return begun
  }

  /** Runs one job before its time. Throws `not_found`, `conflict` where it runs already, or what the job throws. */
  async runNow(name: string): Promise<void> {
    const job = this.#jobs.find((each) => each.name === name)
    if (!job) throw new Problem('not_found', `There is no job "${name}" with these settings.`)
    if (!(await this.#store.claim(job, { isForced: true })))
      throw new Problem('conflict', `The job "${name}" runs already, here or in another process.`)
    const ending = await this.#run(job)
    if (ending.kind === 'failed') throw ending.error
  }

  async #tick(): Promise<void> {
    let waitMs = longestWaitMs
    try {
      await this.#beginDue()
      waitMs = await this.#untilNextMs()
    } catch (error) {
      this.#context.log.warn({ err: error }, 'jobs: the database does not answer')
    }
    if (this.#isStopped) return
    this.#timer = setTimeout(() => {
      this.#ticking = this.#tick()
    }, waitMs)
    this.#timer.unref()
  }

  async #beginDue(): Promise<string[]> {
    const states = await this.#store.states()
    const begun: string[] = []
    for (const job of this.#jobs) {
      if (this.#isStopped) break
      if (this.#running.has(job.name) || !this.#store.isDue(states.get(job.name))) continue
      if (await this.#store.claim(job)) {
        void this.#run(job)
        begun.push(job.name)
      }
    }
    return begun
  }

  async #untilNextMs(): Promise<number> {
    const states = await this.#store.states()
    const nowMs = this.#context.clock.nowMs()
    const waits = this.#jobs
      .flatMap(({ name }) => states.get(name) ?? [])
      .map(({ next_at }) => fromInstant(next_at) - nowMs)
    return Math.max(shortestWaitMs, Math.min(longestWaitMs, ...waits))
  }

  /** Runs a job that was claimed to its end. Throws nothing. */
  #run(job: Job): Promise<Ending> {
    const controller = new AbortController()
    if (this.#isStopped) controller.abort()
    const ending = this.#perform(job, controller)
    const ended = ending.then(() => void this.#running.delete(job.name))
    this.#running.set(job.name, { controller, ended })
    return ended.then(() => ending)
  }

  async #perform(job: Job, controller: AbortController): Promise<Ending> {
    const renewal = setInterval(() => void this.#renew(job, controller), renewEveryMs)
    renewal.unref()
    const ending = await this.#endingOf(job, controller)
    clearInterval(renewal)
    const { log } = this.#context
    if (ending.kind === 'failed') log.error({ err: ending.error, job: job.name }, 'a job failed')
    try {
      await this.#store.finish(job, ending)
    } catch (error) {
      log.warn({ err: error, job: job.name }, 'how a job ended could not be noted')
    }
    return ending
  }

  async #endingOf(job: Job, controller: AbortController): Promise<Ending> {
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      controller.abort()
      late.reject(new Problem('unavailable', 'It took too long and was given up.'))
    }, this.#limitMs)
    try {
      await Promise.race([this.#runIn(job, controller.signal), late.promise])
      return this.#isStopped && controller.signal.aborted ? { kind: 'stopped' } : { kind: 'done' }
    } catch (error) {
      return this.#isStopped ? { kind: 'stopped' } : { kind: 'failed', error }
    } finally {
      clearTimeout(timer)
    }
  }

  async #runIn(job: Job, signal: AbortSignal): Promise<void> {
    const { database, clock } = this.#context
    const binding = { actor: anonymous, nowMs: clock.nowMs }
    const write: JobRun['write'] = (work, options) =>
      database.write(
        job.name,
        (unit) => work(bindSystem(database, { ...binding, executor: unit }), unit),
        options,
      )
    const system = bindSystem(database, { ...binding, executor: database.reader })
    await job.run({ ...this.#context, system, write, signal })
  }

  async #renew(job: Job, controller: AbortController): Promise<void> {
    try {
      if (!(await this.#store.renew(job))) controller.abort()
    } catch (error) {
      this.#context.log.warn({ err: error, job: job.name }, 'a job could not say that it runs')
    }
  }
}
