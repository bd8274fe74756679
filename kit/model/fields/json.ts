import { z } from 'zod'
import { createField, type Field } from '../field.ts'
import type { FieldKind } from '../kind.ts'
import { isStorable } from './text.ts'

export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json }

/**
 * A value on its way to a column of JSON: as an object, since the driver would take a text for a JSON string. Where
 * SQL is written, it is its JSON text.
 */
class JsonParameter {
  readonly #value: unknown

  constructor(value: unknown) {
    this.#value = value
  }

  toJSON(): unknown {
    return this.#value
  }

  toString(): string {
    return JSON.stringify(this.#value)
  }
}

export const jsonKind: FieldKind = Object.freeze({
  name: 'json',
  column: { sqlite: 'TEXT', postgres: 'jsonb' },
  encode: { sqlite: JSON.stringify, postgres: (value: unknown) => new JsonParameter(value) },
  decode: { sqlite: (value: unknown) => JSON.parse(String(value)) },
  fromText: () => undefined,
  fromCell: readJson,
  toCell: (value: unknown) => JSON.stringify(value),
  operators: [],
  widget: 'json',
  isStructured: true,
  isText: false,
  isSerial: false,
} as const)

/** Any JSON value but null, as it is. A schema narrows it. */
export function json<Value = Json>(
  schema?: z.ZodType<Value>,
): Field<Value, false, false, 'public'> {
  const given: z.ZodType = schema ?? z.json().refine(isGiven)
  const storable = given.refine(isStorableJson, 'Must not hold NUL characters or lone surrogates.')
  return createField({ kind: jsonKind, schema: storable as z.ZodType<Value>, options: {} })
}

/** PostgreSQL takes no such texts, not even escaped. */
function isStorableJson(value: unknown): boolean {
  if (typeof value === 'string') return isStorable(value)
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([key, inner]) => isStorable(key) && isStorableJson(inner))
}

/** As deep as a request's body may be. */
const mostDepth = 32

function readJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return isWithin(value, mostDepth) ? value : undefined
  } catch (error) {
    // A parser that goes down one call a level may run out of them.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined
    throw error
  }
}

function isWithin(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return depth > 0 && Object.values(value).every((inner) => isWithin(inner, depth - 1))
}

function isGiven(value: unknown): boolean {
  return value !== null
}
