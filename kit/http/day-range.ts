import type { z } from 'zod'
import { type Instant, invalidInput, nextDate, startOfDayMs, toInstant } from '#kit/core'
import { f } from '#kit/model'

const dateText = f.date().spec.use.schema as z.ZodType<string>
// What comes before or after has no instants of four-digit years.
const day = dateText.refine((date) => date >= '1000' && date < '9999', 'Must be of 1000 to 9998.')

/** The query parameters `from` and `to`: days of the shop, both included. {@link toDayRange} reads them. */
export const dayRangeQuery = Object.freeze({ from: day.optional(), to: day.optional() })

export interface DayRange {
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** A condition on an instant. */
export interface InstantRange {
  readonly gte?: Instant
  readonly lt?: Instant
}

/**
 * From the first instant of `from` to before the first of the day after `to`, in this time zone; undefined where neither
 * is given. Throws `invalid` where `from` is after `to`.
 */
export function toDayRange(range: DayRange, timeZone: string): InstantRange | undefined {
  assertForward(range)
  const { from, to } = range
  if (from === undefined && to === undefined) return undefined
  return {
    ...(from === undefined ? {} : { gte: toInstant(startOfDayMs(from, timeZone)) }),
    ...(to === undefined ? {} : { lt: toInstant(startOfDayMs(nextDate(to), timeZone)) }),
  }
}

/** A condition on a date. */
export interface DateRange {
  readonly gte?: string
  readonly lte?: string
}

/** From `from` to `to`, both included, for a field that is a date; undefined where neither is given. Throws `invalid`. */
export function toDateRange(range: DayRange): DateRange | undefined {
  assertForward(range)
  const { from, to } = range
  if (from === undefined && to === undefined) return undefined
  return {
    ...(from === undefined ? {} : { gte: from }),
    ...(to === undefined ? {} : { lte: to }),
  }
}

function assertForward({ from, to }: DayRange): void {
  if (from !== undefined && to !== undefined && from > to)
    throw invalidInput([{ path: 'to', code: 'range', message: 'Must not be before "from".' }])
}
