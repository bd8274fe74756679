import { type Config, callerOf, type Source } from '#kit/core'
import type { BoundRepositories, Unit, WriteOptions } from '#kit/db'
import type { ServiceContext } from '#kit/http'
import { type Schedule, type ScheduleSpec, toSchedule } from './schedule.ts'

/** What a job works with. */
export interface JobRun extends ServiceContext {
  /** All rows, without an actor: to read. */
  readonly system: BoundRepositories
  /** One unit of work on all rows. Much is done in several, so that others get their turn between them. */
  readonly write: <T>(
    work: (system: BoundRepositories, unit: Unit) => Promise<T>,
    options?: WriteOptions,
  ) => Promise<T>
  /** The server stops, or the job took too long: end soon. */
  readonly signal: AbortSignal
}

export type JobSpec = ScheduleSpec & {
  /** `session.expire`: one in the whole app. */
  readonly name: string
  readonly summary: string
  /** Why it works without an actor's policies. */
  readonly system: string
  /** Whether there is anything for it to do with these settings. Default: always. */
  readonly isWanted?: (config: Config) => boolean
  /**
   * Whatever it throws is logged, and it is tried again, ever more slowly. It may run a second time where the process
   * that ran it was lost: what it did then stands.
   */
  readonly run: (run: JobRun) => Promise<void>
}

export interface Job {
  readonly name: string
  readonly summary: string
  readonly schedule: Schedule
  readonly system: string
  readonly isWanted: (config: Config) => boolean
  readonly run: (run: JobRun) => Promise<void>
  readonly source: Source
}

/** Declares what is done again and again, by one process at a time. Throws TypeError for a time that is none. */
export function defineJob(spec: JobSpec): Job {
  const { name, summary, system, isWanted = () => true, run } = spec
  if (!/^[a-z][a-z0-9_.-]{0,98}$/.test(name))
    throw new TypeError(`"${name}" is no name of a job: use one such as session.expire.`)
  return Object.freeze({
    name,
    summary,
    system,
    isWanted,
    run,
    schedule: toSchedule(spec),
    source: callerOf(defineJob),
  })
}
