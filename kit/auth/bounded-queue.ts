import { Problem } from '#kit/core'

export interface QueueLimits {
  /** How many run at once. */
  readonly running: number
  /** How many may wait behind them. */
  readonly waiting: number
  /** What `Retry-After` says beyond that. */
  readonly retryAfterSeconds: number
}

/** Runs work in the order it came, a few at once. */
export type BoundedQueue = <T>(work: () => Promise<T>) => Promise<T>

/** Throws `unavailable` with `Retry-After` for work that would be one too many to wait. */
export function createBoundedQueue(limits: QueueLimits): BoundedQueue {
  const waiting: (() => void)[] = []
  let running = 0
  const enter = async () => {
    if (running < limits.running) {
      running += 1
      return
    }
    if (waiting.length >= limits.waiting) throw isFull(limits)
    // Whoever leaves hands his place over, so `running` stays as it is.
    await new Promise<void>((resolve) => waiting.push(resolve))
  }
  const leave = () => {
    const next = waiting.shift()
    if (next) next()
    else running -= 1
  }
  return async (work) => {
    await enter()
    try {
      return await work()
    } finally {
      leave()
    }
  }
}

function isFull({ retryAfterSeconds }: QueueLimits): Problem {
  return new Problem(
    'unavailable',
    `The server is busy checking secrets. Try again in ${retryAfterSeconds} seconds.`,
    { headers: { 'Retry-After': String(retryAfterSeconds) } },
  )
}
