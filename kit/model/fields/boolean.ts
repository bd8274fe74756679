import { z } from 'zod'
import { createField, type Field } from '../field.ts'
import type { FieldKind } from '../kind.ts'

const texts: Readonly<Record<string, boolean>> = { true: true, false: false }

export const booleanKind: FieldKind = Object.freeze({
  name: 'boolean',
  column: { sqlite: 'INTEGER', postgres: 'boolean' },
  encode: { sqlite: (value: unknown) => (value === true ? 1 : 0) },
  decode: { sqlite: (value: unknown) => value === 1 },
  fromText: readBoolean,
  // Spreadsheets write TRUE and FALSE.
  fromCell: (text: string) => readBoolean(text.toLowerCase()),
  operators: ['eq'],
  widget: 'switch',
  isText: false,
  isSerial: false,
} as const)

/** True or false. */
export function boolean(): Field<boolean, false, false, 'public'> {
  return createField({ kind: booleanKind, schema: z.boolean(), options: {} })
}

function readBoolean(text: string): boolean | undefined {
  return Object.hasOwn(texts, text) ? texts[text] : undefined
}
