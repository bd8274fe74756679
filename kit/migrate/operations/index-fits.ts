import { getColumn, type IndexSnapshot, type Table } from '../snapshot.ts'

/** Throws `conflict` where the index names a column that is not there: SQLite would take it for a text. */
export function assertIndexFits(table: Table, index: IndexSnapshot): void {
  for (const name of columnsOf(index)) getColumn(table, name)
}

/** The columns an index is on, or that its condition asks. */
export function columnsOf(index: IndexSnapshot): string[] {
  return [...index.fields, ...Object.keys(index.where ?? {})]
}

/** The indexes of the table that this column is part of. */
export function onColumn(table: Table, name: string): IndexSnapshot[] {
  return table.indexes.filter((index) => columnsOf(index).includes(name))
}
