import { Problem } from '#kit/core'
import type { ColumnRow, Executor, Statement, Value } from '#kit/db'
import type { DataEngine } from './engine/data-engine.ts'
import { quote, toStatement } from './engine/sql-text.ts'
import type { TableLayout } from './layout.ts'
import { createDecoder, createEncoder, type RowValues } from './row-form.ts'

/** Some rows of a table, in the order of their ids. */
export interface Batch {
  readonly rows: readonly RowValues[]
  /** The same rows, each as the text of a JSON array. */
  readonly lines: readonly string[]
}

export interface BatchRange {
  readonly engine: DataEngine
  readonly table: TableLayout
  /** Begins behind the row with this id; null begins at the first. */
  readonly after?: unknown
}

const firstRows = 100
const mostRows = 2000
/** What a batch takes in memory, roughly: rows are counted so that they come to this. */
const batchCharacters = 512 * 1024

/** All rows behind `after`, a batch at a time: what is in memory stays the same however many there are. */
export async function* readBatches(executor: Executor, range: BatchRange): AsyncGenerator<Batch> {
  const { engine, table } = range
  const read = createRead(range)
  const decode = createDecoder(table, engine.name)
  let after: unknown = range.after ?? null
  let limit = firstRows
  for (;;) {
    const rows = (await readNamed(table, () => read(executor, after, limit))).map(decode)
    if (rows.length === 0) return
    const lines = rows.map((row) => JSON.stringify(row))
    yield { rows, lines }
    if (rows.length < limit) return
    after = rows.at(-1)?.[0]
    limit = nextLimit(limit, lines)
  }
}

/** What a driver refuses to read is said to be of this table. */
async function readNamed(table: TableLayout, read: () => ReturnType<Read>): Promise<ColumnRow[]> {
  try {
    return await read()
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    const detail = `${table.name}: ${cause.message} Change it in the database, then run this again.`
    throw new Problem('conflict', detail, { cause })
  }
}

function nextLimit(limit: number, lines: readonly string[]): number {
  const characters = lines.reduce((sum, line) => sum + line.length, 0)
  const fitting = Math.floor((batchCharacters * lines.length) / characters)
  return Math.max(1, Math.min(fitting, limit * 4, mostRows))
}

type Read = (
  executor: Executor,
  after: unknown,
  limit: number,
) => ColumnRow[] | Promise<ColumnRow[]>

function createRead({ engine, table }: BatchRange): Read {
  const [id] = table.columns
  if (id?.name !== 'id') throw new TypeError(`Table ${table.name} does not begin with its id.`)
  const columns = table.columns.map(({ name }) => quote(name)).join(', ')
  const statement = (where: string, limitPlace: number): Statement =>
    toStatement(
      `SELECT ${columns} FROM ${quote(table.name)} ${where}ORDER BY ${engine.sorted(id)} LIMIT ${engine.placeholder(limitPlace)}`,
    )
  const first = statement('', 1)
  const next = statement(`WHERE ${engine.sorted(id)} > ${engine.placeholder(1)} `, 2)
  const encode = createEncoder({ ...table, columns: [id] }, engine.name)
  return (executor, after, limit) =>
    after === null
      ? executor.all(first, [limit])
      : executor.all(next, [encode([after])[0] as Value, limit])
}

/** How many rows a table has. */
export async function countRows(executor: Executor, table: string): Promise<number> {
  const rows = await executor.execute(`SELECT count(*) AS count FROM ${quote(table)}`)
  return Number(rows[0]?.['count'] ?? 0)
}

/** The last number that a table gave to a row; zero where it does not number them. */
export async function lastNumber(
  executor: Executor,
  { engine, table }: Pick<BatchRange, 'engine' | 'table'>,
): Promise<number> {
  return table.isNumbered ? engine.readNumbering(executor, table.name) : 0
}
