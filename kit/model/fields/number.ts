import { z } from 'zod'
import { createField, type Field } from '../field.ts'
import type { FieldKind } from '../kind.ts'
import { plainZero } from './plain-zero.ts'

export const numberKind: FieldKind = Object.freeze({
  name: 'number',
  column: { sqlite: 'REAL', postgres: 'double precision' },
  fromText: numberFromText,
  operators: ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in'],
  widget: 'number',
  isText: false,
  isSerial: false,
} as const)

export interface NumberOptions {
  readonly min?: number
  readonly max?: number
}

/** A finite number: an IEEE 754 double on both engines. */
export function number(options: NumberOptions = {}): Field<number, false, false, 'public'> {
  const least = options.min === undefined ? z.number() : z.number().min(options.min)
  const limited = options.max === undefined ? least : least.max(options.max)
  const schema = limited.overwrite(plainZero)
  return createField({ kind: numberKind, schema, options: { ...options } })
}

function numberFromText(text: string): number | undefined {
  const value = Number(text)
  return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) && Number.isFinite(value) ? value : undefined
}
