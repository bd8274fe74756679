import { type Column, type CsvRow, toZonedText } from '#kit/csv'
import { asRows, toResult } from '../results.ts'
import type { Result, ResultOf, ResultSpec } from '../types.ts'
import type { CsvForm } from './csv-form.ts'

/** A column of a route's own: its title, and what stands in it. */
export interface CsvColumn<R> {
  readonly name: string
  /** Default: the member of this name. */
  readonly of?: (row: R) => unknown
  /** `store`: an instant, shown as `2026-11-01T01:30:00-08:00`, as the shop's clocks said. */
  readonly time?: 'store'
}

export interface CsvOptions<Row> {
  /** The file's name before its date. */
  readonly name: string
  /** In their order; a text is the name of a member. */
  readonly columns: readonly (string | CsvColumn<Row>)[]
  /** The rows in the answer's JSON form. Default: it is the list of them. */
  readonly rows?: (shown: never) => readonly Row[]
  /** A row after all others, such as their totals: `{ name: 'Total', … }`. */
  readonly closing?: (shown: never) => Row
  /** More rows than these are invalid. Default: 10,000. */
  readonly most?: number
}

const usualMost = 10_000

/**
 * An answer that is given as CSV, too, with columns of its own: where `format=csv` or `Accept: text/csv` asks for it.
 * All that fits is in the file, or the request is `invalid` for being too many.
 */
export function csvOf<const R extends ResultSpec, Row = CsvRow>(
  spec: R,
  options: CsvOptions<Row>,
): Result<ResultOf<R>> {
  const { name, rows, closing, most = usualMost } = options
  const columns = options.columns.map(
    (column): CsvColumn<Row> => (typeof column === 'string' ? { name: column } : column),
  )
  const csv: CsvForm = Object.freeze({
    name,
    columns: (timeZone: string) => columns.map((column) => toColumn(column, timeZone)),
    rowsOf: (rows ?? asRows) as CsvForm['rowsOf'],
    closingOf: closing as CsvForm['closingOf'],
    most,
  })
  return Object.freeze({ ...toResult(spec), csv }) as Result<ResultOf<R>>
}

function toColumn<Row>({ name, of, time }: CsvColumn<Row>, timeZone: string): Column {
  const read = (row: CsvRow) => (of ? of(row as Row) : row[name])
  if (time === undefined) return { name, show: read }
  return {
    name,
    show: (row) => {
      const instant = read(row)
      return typeof instant === 'string' ? toZonedText(Date.parse(instant), timeZone) : instant
    },
  }
}
