import { z } from 'zod'
import { isUuid } from '#kit/core'
import { createField, type Field } from '../field.ts'
import type { FieldKind } from '../kind.ts'

export const uuidKind: FieldKind = Object.freeze({
  name: 'uuid',
  column: { sqlite: 'TEXT', postgres: 'uuid' },
  fromText: (text: string) => (isUuid(text) ? text.toLowerCase() : undefined),
  operators: ['eq', 'in'],
  widget: 'none',
  isText: false,
  isSerial: false,
} as const)

const formatted = z.string().meta({ format: 'uuid' })

export const uuidSchema: z.ZodType<string, string> = formatted
  .refine(isUuid, 'Must be a UUID.')
  .transform((value) => value.toLowerCase())
  .pipe(formatted)

/** A UUID. As an `id` it is made by us (version 7) where none is given. */
export function uuid(): Field<string, false, true, 'public'> {
  return createField<string, true>({
    kind: uuidKind,
    schema: uuidSchema,
    options: {},
    generate: 'uuid',
  })
}
