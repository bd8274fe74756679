import { type AnyModel, type KindUse, shownFieldsOf } from '#kit/model'
import { toCell } from './cell.ts'

/** What a file begins with, so that spreadsheets read it as UTF-8. */
export const byteOrderMark = '\ufeff'
const lineEnd = '\r\n'

export type CsvRow = Readonly<Record<string, unknown>>

/** One column: its title, and what stands in it for a row. */
export interface Column {
  readonly name: string
  readonly show: (row: CsvRow) => unknown
}

/** The columns of a model's rows as they are answered: in the order of the answer, computed ones last. */
export function columnsOf(model: AnyModel): readonly Column[] {
  return Object.entries(shownFieldsOf(model)).map(([name, { spec }]) => toColumn(name, spec.use))
}

function toColumn(name: string, { kind }: KindUse): Column {
  const { toCell: convert } = kind
  if (!convert) return { name, show: (row) => row[name] }
  return {
    name,
    show: (row) => {
      const value = row[name]
      return value === null || value === undefined ? null : convert(value)
    },
  }
}

export function toHeaderLine(columns: readonly Column[]): string {
  return columns.map(({ name }) => toCell(name)).join(',') + lineEnd
}

export function toLine(columns: readonly Column[], row: CsvRow): string {
  return columns.map(({ show }) => toCell(show(row))).join(',') + lineEnd
}
