import { Problem } from '#kit/core'

interface Pending {
  readonly deadlineMs: number
  readonly expire: () => void
}

export interface TimeLimit {
  /** As `work`, but rejects with `unavailable` once the time is over. */
  readonly run: <T>(work: Promise<T>) => Promise<T>
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
    run: (work) =>
      new Promise((resolve, reject) => {
        const entry: Pending = {
          deadlineMs: nowMs() + limitMs,
          expire: () => reject(overTime(limitMs)),
        }
        pending.add(entry)
        work.then(
          (value) => {
            pending.delete(entry)
            resolve(value)
          },
          (error: unknown) => {
            pending.delete(entry)
            reject(error)
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

function overTime(limitMs: number): Problem {
  const seconds = Math.round(limitMs / 1000)
  return new Problem('unavailable', `This took longer than ${seconds} seconds. Try again later.`)
}
