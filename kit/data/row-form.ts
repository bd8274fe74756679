import { Problem } from '#kit/core'
import type { ColumnRow, Value } from '#kit/db'
import type { DialectName } from '#kit/model'
import type { ColumnLayout, TableLayout } from './layout.ts'

/** A row as its JSON has it, in the order of the columns: the same on both engines. */
export type RowValues = readonly unknown[]

/** Makes the values of a row from those of its columns. Throws `conflict` for a value that JSON cannot carry. */
export function createDecoder(
  table: TableLayout,
  dialect: DialectName,
): (row: ColumnRow) => RowValues {
  const columns = table.columns.map((column) => ({
    column,
    decode: column.kind.decode?.[dialect] ?? ((value: unknown) => value),
  }))
  return (row) =>
    columns.map(({ column, decode }) => {
      const stored = row[column.name]
      if (stored === null || stored === undefined) return null
      const value = decodeExactly(decode, stored)
      if (typeof value === 'object') return canonical(value)
      if (!isCarried(value, column)) throw notCarried(table, row, column)
      return value
    })
}

/** Makes the values of the columns from those of a row. */
export function createEncoder(
  table: TableLayout,
  dialect: DialectName,
): (values: RowValues) => Value[] {
  const encoders = table.columns.map(({ kind }) => kind.encode?.[dialect])
  return (values) =>
    values.map((value, place) => {
      const encode = encoders[place]
      return (value === null || !encode ? value : encode(value)) as Value
    })
}

/** What is too large for its kind stays as it is stored: its row is named by who looks at it. */
function decodeExactly(decode: (value: unknown) => unknown, stored: unknown): unknown {
  try {
    return decode(stored)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return stored
  }
}

/** JSON with the keys of objects in one order: PostgreSQL keeps them in another than they came in. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, held]) => [key, canonical(held)] as const)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/**
 * A number that is not whole and small is asked of its kind: JSON has no infinity, and cuts what is beyond 2^53. What
 * cannot be compared, JSON itself, cannot be read from a text either.
 */
function isCarried(value: unknown, { kind }: ColumnLayout): boolean {
  return (
    typeof value !== 'number' ||
    Number.isSafeInteger(value) ||
    kind.operators.length === 0 ||
    kind.fromText(String(value)) !== undefined
  )
}

function notCarried(table: TableLayout, row: ColumnRow, { name, kind }: ColumnLayout): Problem {
  return new Problem(
    'conflict',
    `${table.name} ${row['id']}: ${name} holds ${row[name]}, which is no ${kind.name} that can be kept exactly. Change it in the database, then run this again.`,
  )
}
