import { fromDuration } from '#kit/core'

/** When a job runs. */
export interface Schedule {
  /** For people: `every 1h`, `at 30 3 * * *`. */
  readonly text: string
  /** Of a job that was never run. */
  readonly firstMs: (nowMs: number, timeZone: string) => number
  /** After a run that began at that time. */
  readonly nextMs: (startedMs: number, timeZone: string) => number
}

export type ScheduleSpec =
  | {
      /** A duration: `15m`, `1h`, `1d`. It runs at the first start, and then that long after it last began. */
      readonly every: string
    }
  | {
      /** A cron pattern in the time zone of the shop: `30 3 * * *` is each night at half past three. */
      readonly at: string
    }

const leastMs = 1000

/** Throws TypeError for a text that is none. */
export function toSchedule(spec: ScheduleSpec): Schedule {
  return 'every' in spec ? everySchedule(spec.every) : atSchedule(spec.at)
}

function everySchedule(every: string): Schedule {
  const ms = fromDuration(every)
  if (ms === undefined || ms < leastMs)
    throw new TypeError(`A job cannot run every "${every}": give a duration such as 15m.`)
  return Object.freeze({
    text: `every ${every}`,
    firstMs: (nowMs: number) => nowMs,
    nextMs: (startedMs: number) => startedMs + ms,
  })
}

function atSchedule(at: string): Schedule {
  const after = (ms: number, timeZone: string) => {
    const next = cron(at, timeZone).nextRun(new Date(ms))
    if (!next) throw new TypeError(`"${at}" never comes again.`)
    return next.getTime()
  }
  cron(at, 'UTC')
  return Object.freeze({ text: `at ${at}`, firstMs: after, nextMs: after })
}

function cron(pattern: string, timezone: string) {
  // Loaded where a job needs it: others start without.
  const { Cron } = require('croner') as typeof import('croner')
  try {
    return new Cron(pattern, { timezone, paused: true })
  } catch (cause) {
    throw new TypeError(
      `A job cannot run at "${pattern}": give a cron pattern such as 30 3 * * *.`,
      {
        cause,
      },
    )
  }
}
