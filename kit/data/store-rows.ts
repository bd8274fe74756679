import { Problem } from '#kit/core'
import type { Executor } from '#kit/db'
import { isStorable } from '#kit/model'
import type { RowInsert } from './engine/data-engine.ts'
import { quote } from './engine/sql-text.ts'
import { bookkeeping, type Layout, type TableLayout, tablesOf } from './layout.ts'
import type { RowValues } from './row-form.ts'
import type { Connection } from './transaction.ts'

/** Stores the rows. Throws `conflict` naming the table, and the row where that can be told. */
export async function storeRows(
  executor: Executor,
  { table, insert }: { readonly table: TableLayout; readonly insert: RowInsert },
  rows: readonly RowValues[],
): Promise<void> {
  try {
    await insert(executor, rows)
  } catch (cause) {
    throw new Problem('conflict', describeFault(table, rows, cause), { cause })
  }
}

function describeFault(table: TableLayout, rows: readonly RowValues[], cause: unknown): string {
  const unfit = findUnfit(table, rows)
  if (unfit)
    return `${unfit} holds a NUL or half a surrogate pair, which this engine does not keep. Change it where it comes from.`
  const message = cause instanceof Error ? cause.message : String(cause)
  const [first, last] = [rows[0]?.[0], rows.at(-1)?.[0]]
  return `${table.name}, between id ${first} and ${last}: ${message}`
}

/** Names the first value with a text in it that not every engine can hold. */
function findUnfit(table: TableLayout, rows: readonly RowValues[]): string | undefined {
  for (const row of rows) {
    const place = row.findIndex((value) => !isFit(value))
    if (place >= 0) return `${table.name} ${row[0]}: ${table.columns[place]?.name}`
  }
  return undefined
}

function isFit(value: unknown): boolean {
  if (typeof value === 'string') return isStorable(value)
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([key, held]) => isStorable(key) && isFit(held))
}

/** Throws `conflict` where any table holds a row. */
export async function assertEmpty({ executor, engine }: Connection): Promise<void> {
  const full: string[] = []
  for (const name of await tablesOf(executor, engine)) {
    if (bookkeeping.includes(name)) continue
    const rows = await executor.execute(`SELECT 1 AS found FROM ${quote(name)} LIMIT 1`)
    if (rows.length > 0) full.push(name)
  }
  if (full.length === 0) return
  throw new Problem(
    'conflict',
    `The database is not empty: there are rows in ${full.join(', ')}. Name a new database; it is made and migrated where it is not there.`,
  )
}

/** Removes every row of these tables, those that refer to others first, and those that are only ever added too. */
export async function removeRows(executor: Executor, { tables, guards }: Layout): Promise<void> {
  for (const statement of guards.lift) await executor.execute(statement)
  for (const { name } of [...tables].reverse())
    await executor.executeChange(`DELETE FROM ${quote(name)}`)
  for (const statement of guards.set) await executor.execute(statement)
}
