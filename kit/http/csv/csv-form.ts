import type { Column, CsvRow } from '#kit/csv'

/** How an answer is written as CSV. */
export interface CsvForm {
  /** The file's name before its date. */
  readonly name: string
  readonly columns: (timeZone: string) => readonly Column[]
  /** The rows in the answer's JSON form. */
  readonly rowsOf: (shown: unknown) => readonly CsvRow[]
  /** A row after all others. */
  readonly closingOf?: ((shown: unknown) => CsvRow) | undefined
  /** More rows than these are invalid; without it any number is streamed. */
  readonly most?: number
}
