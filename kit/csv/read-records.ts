import type { CsvError, Parser } from 'csv-parse'
import { type FaultList, placeIn } from './fault-list.ts'
import { createTextGuard, type Guarded } from './text-guard.ts'

/** A cell: null where nothing stands, `''` where `""` does. */
export type Cell = string | null

export interface CsvRecord {
  /** Where it begins; the first is 1. */
  readonly line: number
  readonly cells: readonly Cell[]
}

export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** A record may not be longer: most that are have a quote that is never closed. */
const mostRecordBytes = 1024 * 1024
/** Parsed at once; between two pieces others get their turn. */
const pieceBytes = 64 * 1024

/**
 * Reads CSV (RFC 4180; any kind of line end) in bounded memory: the records of one piece of the text at a time. Faults
 * are added to the list; reading ends at one after which the lines could not be told apart. Blank lines are left out.
 */
export async function* readRecords(
  chunks: Chunks,
  faults: FaultList,
): AsyncGenerator<readonly CsvRecord[]> {
  const reader = await createReader(faults)
  const guard = createTextGuard()
  for await (const chunk of chunks)
    for (let start = 0; start < chunk.length; start += pieceBytes) {
      const guarded = guard.pass(chunk.subarray(start, start + pieceBytes))
      yield await reader.read(guarded)
      if (reader.isOver()) return
      await new Promise((resolve) => setImmediate(resolve))
    }
  yield await reader.read(guard.end())
  if (!reader.isOver()) yield await reader.finish()
}

interface Reader {
  readonly read: (guarded: Guarded) => Promise<readonly CsvRecord[]>
  readonly finish: () => Promise<readonly CsvRecord[]>
  /** Whether nothing further can be read. */
  readonly isOver: () => boolean
}

async function createReader(faults: FaultList): Promise<Reader> {
  // Loaded by who imports, and by nobody else.
  const { parse } = await import('csv-parse')
  let records: CsvRecord[] = []
  let isOver = false
  const lines = createLineCount()
  const take = () => {
    const taken = records
    records = []
    return taken
  }
  const parser: Parser = parse({
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: mostRecordBytes,
    cast: (value, { quoting }) => (value === '' && !quoting ? null : value),
    on_record: (cells: Cell[]) => {
      records.push({ line: lines.next(parser.info.lines, cells), cells })
      return null
    },
    on_skip: (error) => {
      if (!error) return undefined
      const { isLast, message } = faultOf(error)
      const line = lines.lineOf(error)
      faults.add({ path: placeIn(line), code: 'csv', message })
      // Thrown into the parser, which then stops.
      if (isLast) throw error
      return undefined
    },
  })
  parser.resume()
  parser.on('error', () => {
    isOver = true
  })
  return {
    read: async ({ bytes, fault }) => {
      if (bytes.length > 0) await send(parser, bytes)
      if (fault && !isOver) {
        faults.add({ path: placeIn(fault.line), code: fault.code, message: fault.message })
        isOver = true
        parser.destroy()
      }
      return take()
    },
    finish: async () => {
      await end(parser)
      return take()
    },
    isOver: () => isOver,
  }
}

/** What the parser refuses comes by its event. */
function send(parser: Parser, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => parser.write(bytes, () => resolve()))
}

function end(parser: Parser): Promise<void> {
  return new Promise((resolve) => {
    parser.once('close', () => resolve())
    parser.end()
  })
}

const quoteMessages: Readonly<
  Record<string, { readonly isLast: boolean; readonly message: string }>
> = {
  CSV_QUOTE_NOT_CLOSED: { isLast: true, message: 'A quote is opened here and never closed.' },
  CSV_INVALID_CLOSING_QUOTE: {
    isLast: true,
    message: 'Text follows a closing quote. A quote within quotes is written twice.',
  },
  INVALID_OPENING_QUOTE: {
    isLast: false,
    message:
      'A quote stands within a value: put the whole value in quotes, and write this one twice.',
  },
  CSV_MAX_RECORD_SIZE: {
    isLast: true,
    message: 'Is longer than 1 MiB. Is a quote opened here and never closed?',
  },
}

function faultOf(error: CsvError) {
  return quoteMessages[error.code] ?? { isLast: true, message: 'Is no CSV.' }
}

/** The parser counts a CR LF within quotes as two lines; this knows how many it is ahead. */
function createLineCount() {
  let ahead = 0
  let next = 1
  return {
    next: (parserLine: number, cells: readonly Cell[]) => {
      const text = cells.filter((cell) => cell?.includes('\n') || cell?.includes('\r')).join()
      const line = parserLine - ahead - count(text, /[\r\n]/g)
      ahead += count(text, /\r\n/g)
      next = parserLine - ahead + 1
      return line
    },
    lineOf: ({ code, lines }: CsvError) =>
      code === 'INVALID_OPENING_QUOTE' || code === 'CSV_INVALID_CLOSING_QUOTE'
        ? Number(lines) - ahead
        : next,
  }
}

function count(text: string, pattern: RegExp): number {
  return text === '' ? 0 : (text.match(pattern)?.length ?? 0)
}
