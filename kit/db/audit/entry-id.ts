import { fromInstant, type Instant } from '#kit/core'

/**
 * The least id that an entry of this time or later can have: ids are UUIDs of version 7, which begin with the time in
 * milliseconds (RFC 9562, 5.7), so that their order is that of the entries' times.
 */
export function firstIdAt(instant: Instant): string {
  const hex = fromInstant(instant).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`
}

interface TimeRange {
  readonly gte?: Instant | undefined
  readonly gt?: Instant | undefined
  readonly lt?: Instant | undefined
  readonly lte?: Instant | undefined
}

/** The ids of entries in a range of times: their index is the only one that knows when an entry was written. */
export function idsWithin({ gte, gt, lt, lte }: TimeRange): { gte?: string; lt?: string } {
  const from = gte ?? gt
  const last = lt ?? (lte === undefined ? undefined : toNextMs(lte))
  return {
    ...(from === undefined ? {} : { gte: firstIdAt(from) }),
    ...(last === undefined ? {} : { lt: firstIdAt(last) }),
  }
}

function toNextMs(instant: Instant): Instant {
  return new Date(fromInstant(instant) + 1).toISOString()
}
