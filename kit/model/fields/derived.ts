import { z } from 'zod'
import { createDerivedField, type Field } from '../field.ts'
import { textKind } from './text.ts'

const schema = z.string()

/**
 * Text that follows from another text of the row: the repository works it out on every write, and nobody sets it. For
 * what rows are looked up and compared by: `name_key: f.derived('name', nameKey)`.
 */
export function derived(
  from: string,
  of: (value: string) => string,
): Field<string, false, true, 'internal'> {
  return createDerivedField({ kind: textKind, schema, options: { from } }, { from, of })
}
