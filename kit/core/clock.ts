/** A moment as it stands in rows, JSON and SQLite alike: ISO 8601, UTC, milliseconds, `Z`. Sorts as text. */
export type Instant = string

export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly nowMs: () => number
}

export const systemClock: Clock = Object.freeze({ nowMs: () => Date.now() })

let lastMs = Number.NaN
let lastInstant = ''

/** The instant of these milliseconds. Remembers the last one, since many are asked for within one millisecond. */
export function toInstant(ms: number): Instant {
  if (ms !== lastMs) {
    lastInstant = new Date(ms).toISOString()
    lastMs = ms
  }
  return lastInstant
}

/** Milliseconds of an instant. */
export function fromInstant(instant: Instant): number {
  return Date.parse(instant)
}
