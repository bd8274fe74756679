import type { Clock } from '#kit/core'

/** A clock that stands still until it is told to go on. */
export interface FakeClock extends Clock {
  readonly advance: (ms: number) => void
}

/** Stands at `startMs`; by default at the first instant of 2026. */
export function fakeClock(startMs: number = Date.UTC(2026, 0, 1)): FakeClock {
  let nowMs = startMs
  return Object.freeze({
    nowMs: () => nowMs,
    advance: (ms: number) => {
      nowMs += ms
    },
  })
}
