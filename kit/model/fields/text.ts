import { z } from 'zod'
import { createField, type Field } from '../field.ts'
import type { FieldKind } from '../kind.ts'

export const textKind: FieldKind = Object.freeze({
  name: 'text',
  column: { sqlite: 'TEXT', postgres: 'text COLLATE "C"' },
  fromText: (text: string) => (isStorable(text) ? text : undefined),
  operators: ['eq', 'ne', 'in'],
  widget: 'text',
  isText: true,
  isSerial: false,
} as const)

/** Text that wants more than a line. */
const longTextKind: FieldKind = Object.freeze({ ...textKind, widget: 'textarea' } as const)

/** The longest text that fits a line of a form. */
const mostInLine = 255

export interface TextOptions {
  /** Fewest Unicode code points. */
  readonly min?: number
  /** Most Unicode code points. */
  readonly max: number
  /** White space around it is dropped before it is measured: for names and titles. */
  readonly trim?: boolean
  /** Brought to Unicode's composed form (NFC) before it is measured: for names that are compared. */
  readonly compose?: boolean
  readonly pattern?: RegExp
  /** Said where the pattern does not match. */
  readonly hint?: string
}

/** Text no longer than `max` code points. */
export function text(options: TextOptions): Field<string, false, false, 'public'> {
  const { pattern, hint: _, ...limits } = options
  return createField({
    kind: options.max > mostInLine ? longTextKind : textKind,
    schema: textSchema(options),
    options: pattern ? { ...limits, pattern: pattern.source } : limits,
  })
}

/** A schema of text: trims, measures in code points, refuses what a database cannot hold. */
export function textSchema(options: TextOptions): z.ZodType<string, string> {
  const { min = 0, max, trim, compose, pattern } = options
  const trimmed = trim ? z.string().trim() : z.string()
  const checked = (compose ? trimmed.normalize('NFC') : trimmed).superRefine((value, context) => {
    const message = faultOf(value, options)
    if (message) context.addIssue({ code: 'custom', message })
  })
  return checked.meta({
    minLength: min,
    maxLength: max,
    ...(pattern ? { pattern: pattern.source } : {}),
  })
}

function faultOf(value: string, { min = 0, max, pattern, hint }: TextOptions): string | undefined {
  if (!isStorable(value)) return 'Must not hold NUL characters or lone surrogates.'
  // Code units are never fewer than code points, so only a text near a limit is counted.
  const length =
    value.length > max || value.length < min * 2 ? countCodePoints(value) : value.length
  if (length < min)
    return min === 1 ? 'Must not be empty.' : `Must have at least ${min} characters.`
  if (length > max) return `Must have at most ${max} characters.`
  if (pattern && !pattern.test(value)) return hint ?? `Must match ${pattern.source}.`
  return undefined
}

function countCodePoints(value: string): number {
  let count = 0
  for (const _ of value) count += 1
  return count
}

/** Whether both engines can hold it: no NUL, no half of a surrogate pair. */
export function isStorable(value: string): boolean {
  return value.isWellFormed() && !value.includes('\0')
}
