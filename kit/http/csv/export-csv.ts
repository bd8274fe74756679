import { invalidInput } from '#kit/core'
import { byteOrderMark, type CsvRow, toHeaderLine, toLine, toZonedText } from '#kit/csv'
import type { Page } from '#kit/model'
import { type Answer, targetOf } from '../exchange.ts'
import { compileAddNames } from '../people.ts'
import { type Asked, compileRead } from '../perform.ts'
import type { ServiceContext } from '../service.ts'
import type { Route } from '../types.ts'
import type { CsvForm } from './csv-form.ts'
import { streamText } from './stream-text.ts'

/** A part of the rows: a page of a list, or all there are of what has none. */
interface Part {
  readonly value: unknown
  readonly shown: unknown
  readonly next: string | undefined
}

type ReadPart = (asked: Asked, cursor?: string) => Promise<Part>

/**
 * Answers all rows that fit, or with `limit` those of one page. What goes wrong before the first byte is a problem like
 * any other.
 */
export function compileExport(route: Route, form: CsvForm, context: ServiceContext) {
  const readPart = compileReadPart(route, context)
  const toText = compileText(form, context)
  const { headers } = route.result
  return async (asked: Asked): Promise<Answer> => {
    const first = await readPart(asked)
    const isOnePage = asked.query['limit'] !== undefined
    const { link, ...own } = headers?.(first.value, targetOf(asked.exchange)) ?? {}
    const answered = {
      status: route.status,
      type: 'text/csv; charset=utf-8' as const,
      headers: {
        ...own,
        ...(isOnePage && link !== undefined ? { link } : {}),
        vary: 'Origin, Accept',
        'content-disposition': `attachment; filename="${fileName(form, context)}"`,
      },
    }
    if (asked.exchange.method === 'HEAD') return { ...answered, body: null }
    const parts = isOnePage ? onePart(first) : allParts({ first, readPart, asked })
    if (form.most !== undefined || isOnePage)
      return { ...answered, body: await toWhole(parts, form, toText) }
    const log = context.log.child({ request_id: asked.exchange.requestId })
    return { ...answered, body: streamText(toTexts(parts, form, toText), log) }
  }
}

/** Reads the route's list, its pages as large as they may be where no limit is asked for. */
function compileReadPart(route: Route, context: ServiceContext): ReadPart {
  const read = compileRead(route, context)
  const { query, result } = route
  const addNames = result.people && compileAddNames(result.people, context)
  const isLarge = query['limit']?.safeParse('100').success === true
  return async (asked, cursor) => {
    const csv = { ...asked.query, format: 'csv' }
    const all = { ...csv, ...(isLarge ? { limit: asked.query['limit'] ?? 100 } : {}) }
    // Counted once, on the first page.
    const given = cursor === undefined ? all : { ...all, cursor, count: undefined }
    const value = await read({ ...asked, query: given })
    const next = result.isPage ? (value as Page<unknown>).next : undefined
    if (next !== undefined && !query['cursor'])
      throw new TypeError(`${route.name} has further pages, but takes no cursor.`)
    const shown = result.encode(value)
    await addNames?.(shown, context.database.reader)
    return { value, shown, next }
  }
}

async function* onePart(part: Part) {
  yield part
}

interface Export {
  readonly first: Part
  readonly readPart: ReadPart
  readonly asked: Asked
}

async function* allParts({ first, readPart, asked }: Export): AsyncGenerator<Part> {
  let part = first
  for (;;) {
    yield part
    if (part.next === undefined) return
    // Others get their turn between two pages.
    await new Promise((resolve) => setImmediate(resolve))
    part = await readPart(asked, part.next)
  }
}

interface ToText {
  readonly head: string
  readonly ofRow: (row: CsvRow) => string
}

function compileText(form: CsvForm, { config }: ServiceContext): ToText {
  const columns = form.columns(config.storeTimezone)
  return {
    head: byteOrderMark + toHeaderLine(columns),
    ofRow: (row) => toLine(columns, row),
  }
}

/** Sent once this much has come together. */
const pieceLength = 32 * 1024

async function* toTexts(parts: AsyncIterable<Part>, form: CsvForm, { head, ofRow }: ToText) {
  let text = head
  for await (const { shown } of parts) {
    for (const row of form.rowsOf(shown)) text += ofRow(row)
    if (form.closingOf) text += ofRow(form.closingOf(shown))
    if (text.length < pieceLength) continue
    yield text
    text = ''
  }
  yield text
}

/** Throws `invalid` where there are more rows than one file may hold. */
async function toWhole(
  parts: AsyncIterable<Part>,
  form: CsvForm,
  toText: ToText,
): Promise<Uint8Array<ArrayBuffer>> {
  const { most = Number.POSITIVE_INFINITY } = form
  let count = 0
  const counted = async function* () {
    for await (const part of parts) {
      count += form.rowsOf(part.shown).length
      if (count > most) throw tooMany(most)
      yield part
    }
  }
  let whole = ''
  for await (const text of toTexts(counted(), form, toText)) whole += text
  return new TextEncoder().encode(whole)
}

function tooMany(most: number) {
  const message = `More than ${most} rows fit. Narrow the filters, or take pages with limit.`
  return invalidInput([{ path: 'format', code: 'too_big', message }])
}

function fileName({ name, most }: CsvForm, { config, clock }: ServiceContext): string {
  const timeZone = most === undefined ? 'UTC' : config.storeTimezone
  return `${name}-${toZonedText(clock.nowMs(), timeZone).slice(0, 10)}.csv`
}
