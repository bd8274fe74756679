import { z } from 'zod'
import { createField, type Field } from '../field.ts'
import type { FieldKind } from '../kind.ts'

export const dateKind: FieldKind = Object.freeze({
  name: 'date',
  column: { sqlite: 'TEXT', postgres: 'date' },
  fromText: (text: string) => (isDate(text) ? text : undefined),
  operators: ['eq', 'gt', 'gte', 'lt', 'lte'],
  widget: 'date',
  isText: false,
  isSerial: false,
} as const)

/** A day of the calendar, `2026-03-08`, without time or zone. */
export function date(): Field<string, false, false, 'public'> {
  const schema = z
    .string()
    .refine(isDate, 'Must be a date like 2026-03-08.')
    .meta({ format: 'date' })
  return createField({ kind: dateKind, schema, options: {} })
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const parsed = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text)
}
