import type { Executor, Value } from '#kit/db'
import type { Engine, TableDescription } from '../engine/engine.ts'
import { quote } from '../engine/sql-text.ts'
import type { Snapshot, Table } from '../snapshot.ts'

/** Rows of one read. */
const batchRows = 5000

export interface ColumnSurvey {
  /** How many rows have a value in it. */
  readonly values: number
  /** Of all values with the ids of their rows. */
  readonly checksum: string
}

export interface TableSurvey {
  readonly rows: number
  readonly columns: Readonly<Record<string, ColumnSurvey>>
}

/** What a database holds: its schema as it says itself, and by table how many rows with which values. */
export interface Survey {
  readonly schema: readonly TableDescription[]
  readonly tables: Readonly<Record<string, TableSurvey>>
}

export async function survey(
  executor: Executor,
  engine: Engine,
  snapshot: Snapshot,
): Promise<Survey> {
  const schema = await engine.describe(executor)
  const tables: Record<string, TableSurvey> = {}
  for (const table of snapshot.tables)
    tables[table.name] = await surveyTable(executor, engine, table)
  return { schema, tables }
}

interface Count {
  values: number
  checksum: bigint
}

async function surveyTable(
  executor: Executor,
  engine: Engine,
  { name, columns }: Table,
): Promise<TableSurvey> {
  const listed = columns.map((column, place) => `${engine.asText(quote(column.name))} AS c${place}`)
  const select = `SELECT "id" AS key, ${listed.join(', ')} FROM ${quote(name)}`
  const counts = columns.map((): Count => ({ values: 0, checksum: 0n }))
  let rows = 0
  let last: Value | undefined
  for (;;) {
    const where = last === undefined ? '' : ` WHERE "id" > ${engine.placeholder(1)}`
    const batch = await executor.execute(
      `${select}${where} ORDER BY ${quote(name)}."id" LIMIT ${batchRows}`,
      last === undefined ? [] : [last],
    )
    for (const row of batch) for (const [place, count] of counts.entries()) add(count, row, place)
    rows += batch.length
    last = batch.at(-1)?.['key'] as Value | undefined
    if (batch.length < batchRows) break
  }
  const surveyed = columns.map(({ name: column }, place) => {
    const { values = 0, checksum = 0n } = counts[place] ?? {}
    return [column, { values, checksum: checksum.toString(16) }] as const
  })
  return { rows, columns: Object.fromEntries(surveyed) }
}

/** The rows come by id: the same values in another row make another checksum. */
function add(count: Count, row: Readonly<Record<string, unknown>>, place: number): void {
  const value = row[`c${place}`]
  if (value === null) return
  count.values += 1
  count.checksum = Bun.hash.xxHash64(`${row['key']} ${value}`, count.checksum)
}
