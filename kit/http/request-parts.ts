import type { z } from 'zod'
import { type Fault, Problem, parse } from '#kit/core'
import { isStorable, titleOf } from '#kit/model'
import { directReaderOf } from './list-query.ts'
import type { ParamSchemas, Route } from './types.ts'

export type Values = Readonly<Record<string, unknown>>
export type RawParams = Readonly<Record<string, string>>

/** The values of a part of a request; what does not fit is added to `faults`. */
export type ReadPart<T> = (from: T, faults: Fault[]) => Values

const nothing: Values = Object.freeze({})

/** The names of the parameters of a path, in order. */
export function paramNamesOf(path: string): string[] {
  return path.split('/').flatMap((part) => (part.startsWith(':') ? [part.slice(1)] : []))
}

/**
 * Reads the path's parameters. What cannot be one names nothing, so that it is `not_found`: the same
 * answer as for a row that is not there.
 */
export function compileParams(route: Route): (raw: RawParams) => Record<string, unknown> {
  const readers = paramNamesOf(route.path).map(
    (name) => [name, readerOf(route.params[name])] as const,
  )
  const model = route.entity ?? route.result.model
  const missing = model ? `${titleOf(model)} not found.` : undefined
  return (raw) => {
    const values: Record<string, unknown> = {}
    for (const [name, read] of readers) {
      const text = decodeParam(raw[name] ?? '')
      const value = text === undefined ? undefined : read(text)
      if (value === undefined) throw new Problem('not_found', missing)
      values[name] = value
    }
    return values
  }
}

function decodeParam(text: string): string | undefined {
  if (!text.includes('%')) return text
  try {
    const decoded = decodeURIComponent(text)
    return isStorable(decoded) ? decoded : undefined
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}

function readerOf(schema: z.ZodType | undefined): (text: string) => unknown {
  if (!schema) return (text) => text
  return directReaderOf(schema) ?? ((text) => schema.safeParse(text).data)
}

/** Reads the query: each parameter once, none that is not declared. */
export function compileQuery(schemas: ParamSchemas): ReadPart<string> {
  const entries = Object.entries(schemas)
  // A parameter that may be left out, and then is undefined, costs nothing when it is.
  const needed = entries.filter(([, schema]) => !isUndefinedWhenAbsent(schema))
  const readers = new Map(entries.map(([name, schema]) => [name, compileParameter(name, schema)]))
  return (search, faults) => {
    if (search === '' && needed.length === 0) return nothing
    const values = readSearch(search, readers, faults)
    for (const [name] of needed)
      if (!Object.hasOwn(values, name)) values[name] = readers.get(name)?.(undefined, faults)
    return values
  }
}

/** The values of what is given; undefined for what does not fit. */
function readSearch(
  search: string,
  readers: ReadonlyMap<string, ReadParameter>,
  faults: Fault[],
): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const [name, text] of pairsOf(search)) {
    const read = readers.get(name)
    if (!read) faults.push({ path: name, code: 'unknown', message: 'Is not known here.' })
    else if (Object.hasOwn(values, name))
      faults.push({ path: name, code: 'repeated', message: 'Is given more than once.' })
    else values[name] = read(text, faults)
  }
  return values
}

type ReadParameter = (text: string | undefined, faults: Fault[]) => unknown

function compileParameter(name: string, schema: z.ZodType): ReadParameter {
  const direct = directReaderOf(schema)
  return (text, faults) => {
    const value = direct && text !== undefined ? direct(text) : undefined
    if (value !== undefined) return value
    const parsed = parse(schema, text, [name])
    if (parsed.ok) return parsed.value
    faults.push(...parsed.errors)
    return undefined
  }
}

function isUndefinedWhenAbsent(schema: z.ZodType): boolean {
  const absent = schema.safeParse(undefined)
  return absent.success && absent.data === undefined
}

/** A query of plain names and values needs no decoding. */
function pairsOf(search: string): Iterable<readonly [string, string]> {
  if (!/^[\w.:=&[\]-]*$/.test(search)) return new URLSearchParams(search)
  return search
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const mark = pair.indexOf('=')
      return mark === -1 ? [pair, ''] : [pair.slice(0, mark), pair.slice(mark + 1)]
    })
}
