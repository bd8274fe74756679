import { type Config, fromInstant, Problem, toInstant } from '#kit/core'
import { type BoundRepositories, bindSystem, type Executor } from '#kit/db'
import type { ServiceContext } from '#kit/http'
import { anonymous, type Row } from '#kit/model'
import type { Job } from './define-job.ts'
import { JobState } from './job-model.ts'

export type State = Row<typeof JobState>

/** A process that is silent for so long is taken for dead, and what it ran is free. */
export const leaseMs = 60_000
const firstPauseMs = 30_000
const longestPauseMs = 3_600_000
const longestError = 1000

/** How a run ended. */
export type Ending =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** The process stops: another may begin at once. */
  | { readonly kind: 'stopped' }

/** What all processes know of jobs: each step is one unit of work, so that of several who come at once one succeeds. */
export class JobStore {
  readonly #context: ServiceContext
  readonly #runner: string

  constructor(context: ServiceContext) {
    this.#context = context
    this.#runner = context.ids.uuid()
  }

  async states(): Promise<ReadonlyMap<string, State>> {
    const all = this.#bind(this.#context.database.reader)(JobState)
    const states = new Map<string, State>()
    let cursor: string | undefined
    do {
      const page = await all.list({ limit: 100, cursor })
      for (const row of page.rows) states.set(row.name, row)
      cursor = page.next
    } while (cursor !== undefined)
    return states
  }

  isDue(state: State | undefined): boolean {
    const now = toInstant(this.#context.clock.nowMs())
    return state === undefined || (state.next_at <= now && !isLeased(state, now))
  }

  /** Takes the job; false where it is not due, or another has it. With `isForced` it is taken before its time. */
  async claim(job: Job, { isForced = false } = {}): Promise<boolean> {
    return this.#write('job.claim', async (system) => {
      const nowMs = this.#context.clock.nowMs()
      const now = toInstant(nowMs)
      const state = await this.#stateOf(system, job, nowMs)
      if (isLeased(state, now) || (state.next_at > now && !isForced)) return false
      await system(JobState).change(state.id, {
        runner: this.#runner,
        leased_until: toInstant(nowMs + leaseMs),
        started_at: now,
      })
      return true
    }).catch(falseAtConflict)
  }

  /** Says that it still runs. False where it was taken for dead and another has it. */
  renew(job: Job): Promise<boolean> {
    const leased_until = toInstant(this.#context.clock.nowMs() + leaseMs)
    return this.#write('job.renew', async (system) => {
      const state = await system(JobState).find({ name: job.name, runner: this.#runner })
      if (state) await system(JobState).change(state.id, { leased_until })
      return state !== undefined
    })
  }

  /** Frees the job and says when it runs next. */
  async finish(job: Job, ending: Ending): Promise<void> {
    const { clock, config } = this.#context
    await this.#write('job.finish', async (system) => {
      const state = await system(JobState).find({ name: job.name, runner: this.#runner })
      if (!state) return
      const after = stateAfter(job, { state, ending, nowMs: clock.nowMs(), config })
      await system(JobState).change(state.id, { ...after, runner: null, leased_until: null })
    })
  }

  async #stateOf(system: BoundRepositories, { name, schedule }: Job, nowMs: number) {
    const found = await system(JobState).find({ name })
    if (found) return found
    const firstMs = schedule.firstMs(nowMs, this.#context.config.storeTimezone)
    return system(JobState).create({ name, next_at: toInstant(firstMs) })
  }

  #write<T>(name: string, work: (system: BoundRepositories) => Promise<T>): Promise<T> {
    return this.#context.database.write(name, (unit) => work(this.#bind(unit)))
  }

  #bind(executor: Executor): BoundRepositories {
    const { database, clock } = this.#context
    return bindSystem(database, { executor, actor: anonymous, nowMs: clock.nowMs })
  }
}

function isLeased({ leased_until }: State, now: string): boolean {
  return leased_until !== null && leased_until > now
}

interface Ended {
  readonly state: State
  readonly ending: Ending
  readonly nowMs: number
  readonly config: Config
}

function stateAfter({ schedule }: Job, { state, ending, nowMs, config }: Ended) {
  if (ending.kind === 'stopped') return { next_at: toInstant(nowMs) }
  const ended_at = toInstant(nowMs)
  const startedMs = state.started_at === null ? nowMs : fromInstant(state.started_at)
  const nextMs = schedule.nextMs(startedMs, config.storeTimezone)
  if (ending.kind === 'done')
    return { ended_at, next_at: toInstant(nextMs), failures: 0, last_error: null }
  const failures = state.failures + 1
  const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(state.failures, 20))
  const next_at = toInstant(Math.min(Math.max(nextMs, nowMs), nowMs + pauseMs))
  return { ended_at, next_at, failures, last_error: textOf(ending.error) }
}

/** What a row can hold of it. */
function textOf(error: unknown): string {
  const text = error instanceof Problem ? error.detail : String(error)
  return text.toWellFormed().replaceAll('\0', '').slice(0, longestError).toWellFormed()
}

/** Another process was first. */
function falseAtConflict(error: unknown): false {
  if (error instanceof Problem && error.kind.code === 'conflict') return false
  throw error
}
