import { z } from 'zod'
import { createField, type Field } from '../field.ts'
import type { FieldKind } from '../kind.ts'

export const choiceKind: FieldKind = Object.freeze({
  name: 'choice',
  column: { sqlite: 'TEXT', postgres: 'text COLLATE "C"' },
  fromText: (text: string) => text,
  operators: ['eq', 'ne', 'in'],
  widget: 'select',
  isText: false,
  isSerial: false,
} as const)

/** One of a few words. */
export function choice<const Values extends readonly [string, ...string[]]>(
  values: Values,
): Field<Values[number], false, false, 'public'> {
  return createField({ kind: choiceKind, schema: z.enum(values), options: { values } })
}
