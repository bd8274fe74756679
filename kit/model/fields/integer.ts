import { z } from 'zod'
import { createField, type Field } from '../field.ts'
import type { FieldKind } from '../kind.ts'
import { plainZero } from './plain-zero.ts'

export const integerKind: FieldKind = Object.freeze({
  name: 'integer',
  column: { sqlite: 'INTEGER', postgres: 'bigint' },
  // The engines hold more than a JavaScript number can; PostgreSQL's driver tells us itself.
  decode: { sqlite: toExact },
  fromText: integerFromText,
  operators: ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in'],
  widget: 'integer',
  isText: false,
  isSerial: false,
} as const)

export interface IntegerOptions {
  readonly min?: number
  readonly max?: number
}

/** A whole number between -(2^53 - 1) and 2^53 - 1, or within the narrower limits given. */
export function integer(options: IntegerOptions = {}): Field<number, false, false, 'public'> {
  const least = options.min === undefined ? z.int() : z.int().min(options.min)
  const limited = options.max === undefined ? least : least.max(options.max)
  const schema = limited.overwrite(plainZero)
  return createField({ kind: integerKind, schema, options: { ...options } })
}

/** Throws RangeError for a number that may be another than the one that was stored. */
function toExact(value: unknown): unknown {
  if (Number.isSafeInteger(value)) return value
  throw new RangeError(`The database holds ${value}: no JavaScript number is that exact.`)
}

export function integerFromText(text: string): number | undefined {
  const value = Number(text)
  return /^-?(0|[1-9]\d{0,15})$/.test(text) && Number.isSafeInteger(value) ? value : undefined
}
