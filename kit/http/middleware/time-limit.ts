import { Problem } from '#kit/core'

interface Pending {
  readonly deadlineMs: number
  readonly expire: () => void
}

/** What becomes of work that ended. Throws nothing. */
interface Ways<T, R> {
  readonly done: (value: T) => R
  readonly failed: (error: unknown) => R
}

export interface TimeLimit {
  /** What the ways make of `work`; once the time is over it has failed with `unavailable`. */
  readonly run: <T, R>(work: Promise<T>, ways: Ways<T, R>) => Promise<R>
  /** Ends what is over time. */
  readonly sweep: () => void
}

/**
 * A limit that is the same for all: they expire in the order in which they began, so that one sweep now
 * and then looks at the oldest alone, where a timer for each would cost every request.
 */
export function createTimeLimit(limitMs: number, nowMs: () => number): TimeLimit {
  const pending = new Set<Pending>()
  return {
    run: (work, { done, failed }) =>
      new Promise((resolve) => {
        const entry: Pending = {
          deadlineMs: nowMs() + limitMs,
          expire: () => resolve(failed(overTime(limitMs))),
        }
        pending.add(entry)
        work.then(
          (value) => {
            // What comes too late was answered already.
            if (pending.delete(entry)) resolve(done(value))
          },
          (error: unknown) => {
            if (pending.delete(entry)) resolve(failed(error))
          },
        )
      }),
    sweep: () => {
      const now = nowMs()
      for (const entry of pending) {
        if (entry.deadlineMs > now) return
        pending.delete(entry)
        entry.expire()
      }
    },
  }
}

export interface TimeLimits {
  /** The limit of this length; the usual one where none is said. */
  readonly of: (limitMs: number | undefined) => TimeLimit
  readonly sweep: () => void
}

/** One limit for each length there is. */
export function createTimeLimits(usualMs: number, nowMs: () => number): TimeLimits {
  const limits = new Map<number, TimeLimit>()
  return {
    of: (limitMs = usualMs) => {
      const limit = limits.get(limitMs) ?? createTimeLimit(limitMs, nowMs)
      limits.set(limitMs, limit)
      return limit
    },
    sweep: () => {
      for (const { sweep } of limits.values()) sweep()
    },
  }
}

function overTime(limitMs: number): Problem {
  const seconds = Math.round(limitMs / 1000)
  return new Problem('unavailable', `This took longer than ${seconds} seconds. Try again later.`)
}
