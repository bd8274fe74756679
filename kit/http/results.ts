import { z } from 'zod'
import { type CsvRow, columnsOf } from '#kit/csv'
import { type AnyModel, type Page, type Row, toRowSchema, toWire } from '#kit/model'
import { peopleIn, withPeople } from './people.ts'
import type { Result, ResultSpec } from './types.ts'

type AnyRow = Readonly<Record<string, unknown>>

/**
 * Answers a page of rows as a JSON array, the next page in `Link` and the count in `X-Total-Count`; as CSV, all rows.
 */
export function pageOf<M extends AnyModel>(model: M): Result<Page<Row<M>>> {
  const show = toWire(model)
  return Object.freeze({
    schema: z.array(toRowSchema(model)),
    model,
    hasEntityTag: false,
    isPage: true,
    encode: (page: Page<Row<M>>) => (page.rows as readonly AnyRow[]).map(show),
    headers: toPageHeaders,
    csv: { name: model.table, columns: () => columnsOf(model), rowsOf: asRows },
    ...withPeople(peopleIn(model, (shown) => shown)),
  })
}

/** Answers rows as a JSON array: all of them, in the order in which they are given. */
export function rowsOf<M extends AnyModel>(model: M): Result<readonly Row<M>[]> {
  const show = toWire(model)
  return Object.freeze({
    schema: z.array(toRowSchema(model)),
    model,
    hasEntityTag: false,
    isPage: false,
    encode: (rows: readonly Row<M>[]) => (rows as readonly AnyRow[]).map(show),
    ...withPeople(peopleIn(model, (shown) => shown)),
  })
}

/** The rows of an answer that is the list of them. */
export function asRows(shown: unknown): readonly CsvRow[] {
  return shown as readonly CsvRow[]
}

/** Answers `{ "message": text }`, whatever the handler returns. */
export function message(text: string): Result<unknown> {
  const body = Object.freeze({ message: text })
  return Object.freeze({
    schema: z.object({ message: z.literal(text) }),
    model: undefined,
    hasEntityTag: false,
    isPage: false,
    encode: () => body,
  })
}

/** Answers a row that was created, and in `Location` where it is. */
export function createdOf(model: AnyModel): Result<unknown> {
  return Object.freeze({
    ...toResult(model),
    headers: (row: unknown, target: string) => {
      const [path = ''] = target.split('?', 1)
      return { location: `${path}/${(row as { readonly id: string | number }).id}` }
    },
  })
}

/** The way a route answers: rows of a model as they may be shown, a schema's output, or its own form. */
export function toResult(spec: ResultSpec): Result<unknown> {
  if ('encode' in spec && 'hasEntityTag' in spec) return spec as Result<unknown>
  return 'fields' in spec && 'table' in spec ? rowOf(spec) : outputOf(spec as z.ZodType)
}

function rowOf(model: AnyModel): Result<unknown> {
  const show = toWire(model)
  return Object.freeze({
    schema: toRowSchema(model),
    model,
    hasEntityTag: true,
    isPage: false,
    encode: (row: unknown) => show(row as AnyRow),
    ...withPeople(peopleIn(model, (shown) => [shown])),
  })
}

/** What the schema does not name never leaves: it is the list of what may. */
function outputOf(schema: z.ZodType): Result<unknown> {
  return Object.freeze({
    schema,
    model: undefined,
    hasEntityTag: false,
    isPage: false,
    encode: (value: unknown) => schema.parse(value),
  })
}

function toPageHeaders({ next, total }: Page<unknown>, target: string): Record<string, string> {
  const headers: Record<string, string> = {}
  if (next !== undefined) headers['link'] = `<${withCursor(target, next)}>; rel="next"`
  if (total !== undefined) headers['x-total-count'] = String(total)
  return headers
}

/**
 * A relative reference (RFC 8288 §3.1 resolves it against the request): the `Host` header, which
 * anyone can forge, is no part of the answer.
 */
function withCursor(target: string, cursor: string): string {
  const [path = '', search] = target.split('?', 2)
  if (search === undefined) return `${path}?cursor=${cursor}`
  if (!search.includes('cursor')) return `${target}&cursor=${cursor}`
  const query = new URLSearchParams(search)
  query.set('cursor', cursor)
  return `${path}?${query}`
}
