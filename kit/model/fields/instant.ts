import { z } from 'zod'
import type { Instant } from '#kit/core'
import { createField, type Field } from '../field.ts'
import type { FieldKind } from '../kind.ts'

const pattern =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/

export const instantKind: FieldKind = Object.freeze({
  name: 'instant',
  column: { sqlite: 'TEXT', postgres: 'timestamptz(3)' },
  fromText: instantFromText,
  operators: ['eq', 'gt', 'gte', 'lt', 'lte'],
  widget: 'datetime',
  isText: false,
  isSerial: false,
} as const)

/**
 * A moment, as ISO 8601 text. Any offset is accepted and turned to UTC; digits below the millisecond
 * are dropped.
 */
export function instant(): Field<Instant, false, false, 'public'> {
  return createField({ kind: instantKind, schema: instantSchema, options: {} })
}

export function instantFromText(text: string): Instant | undefined {
  if (!pattern.test(text)) return undefined
  const date = new Date(text)
  // JavaScript turns 30 February into 2 March; such a day is refused.
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`)
  if (Number.isNaN(date.getTime()) || day.getUTCDate() !== Number(text.slice(8, 10)))
    return undefined
  const instantText = date.toISOString()
  return instantText.length === 24 ? instantText : undefined
}

const formatted = z.string().meta({ format: 'date-time' })

export const instantSchema: z.ZodType<Instant, string> = formatted
  .transform((value, context) => {
    const found = instantFromText(value)
    if (found !== undefined) return found
    context.addIssue({
      code: 'custom',
      message: 'Must be an ISO 8601 date and time with an offset.',
    })
    return z.NEVER
  })
  .pipe(formatted)
