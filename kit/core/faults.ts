import type { z } from 'zod'
import type { Fault } from './problem.ts'

type Issue = z.core.$ZodIssue

const codes: Readonly<Record<string, string>> = {
  invalid_type: 'type',
  too_small: 'too_small',
  too_big: 'too_big',
  invalid_value: 'choice',
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly errors: readonly Fault[] }

/** Parses a value, answering all its faults at once; `prefix` goes before each path. */
export function parse<T>(
  schema: z.ZodType<T>,
  value: unknown,
  prefix?: readonly PropertyKey[],
): Parsed<T> {
  const result = schema.safeParse(value)
  if (result.success) return { ok: true, value: result.data }
  // Parsed again with its inputs reported: only so can a missing value be told from a wrong one.
  const reported = schema.safeParse(value, { reportInput: true })
  return { ok: false, errors: toFaults(reported.error ?? result.error, prefix) }
}

/** Every fault of a failed parse; `prefix` goes before each path. One entry for each unknown key. */
export function toFaults(error: z.core.$ZodError, prefix: readonly PropertyKey[] = []): Fault[] {
  return error.issues.flatMap((issue) => toFaultsOf(issue, [...prefix, ...issue.path]))
}

function toFaultsOf(issue: Issue, path: readonly PropertyKey[]): Fault[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => fault([...path, key], 'unknown', 'Is not known here.'))
  if (issue.code === 'invalid_type' && 'input' in issue && issue.input === undefined)
    return [fault(path, 'required', 'Is required.')]
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const closest = [...issue.errors].sort((a, b) => a.length - b.length)[0] ?? []
    return closest.flatMap((inner) => toFaultsOf(inner as Issue, [...path, ...inner.path]))
  }
  return [fault(path, codes[issue.code] ?? 'invalid', messageOf(issue))]
}

function messageOf(issue: Issue): string {
  if (issue.code === 'invalid_type') return `Must be ${article(issue.expected)}.`
  if (issue.code === 'invalid_value') return `Must be one of: ${issue.values.join(', ')}.`
  if (issue.code === 'too_small') return `Must be at least ${issue.minimum}.`
  if (issue.code === 'too_big') return `Must be at most ${issue.maximum}.`
  return issue.message
}

function article(noun: string): string {
  const name = noun === 'int' ? 'integer' : noun
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`
}

function fault(path: readonly PropertyKey[], code: string, message: string): Fault {
  return { path: path.map(String).join('.'), code, message }
}
