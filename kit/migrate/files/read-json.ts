import { readFile } from 'node:fs/promises'
import type { z } from 'zod'
import { Problem, parse } from '#kit/core'
import { placeOfJsonFault } from './json-place.ts'

/** The JSON of a file. Throws `conflict` that names file and place where it is none. */
export async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8')
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const { line, column } = placeOfJsonFault(text)
    throw damaged(`${path}:${line}:${column} is not JSON.`, error)
  }
}

/** The value as the schema answers it. Throws `conflict` that names file and places where it does not fit. */
export function fitJson<T>(schema: z.ZodType<T>, value: unknown, path: string): T {
  const parsed = parse(schema, value)
  if (parsed.ok) return parsed.value
  const places = parsed.errors.map((fault) => `${fault.path || 'the whole'}: ${fault.message}`)
  throw damaged(`${path}: ${places.join(' ')}`)
}

function damaged(what: string, cause?: unknown): Problem {
  return new Problem('conflict', `${what} Restore the file from version control.`, { cause })
}
