import type { ColumnRow, Statement, Value } from '../types.ts'
import type { BoundModel, Patch } from './bound-model.ts'
import { createRow, toCheckedRow } from './create-row.ts'
import { recordCreation } from './record.ts'
import { slot, toStatement } from './slots.ts'
import { write } from './write.ts'

/** How many rows one statement stores: a few statements serve for any number of rows. */
const sizes = [64, 8, 1] as const

/** Creates a row for each input, in their order: all of them, or none. Each has an entry of its own in the trail. */
export async function createMany(
  bound: BoundModel,
  inputs: readonly Patch[],
): Promise<ColumnRow[]> {
  const rows: ColumnRow[] = []
  for (const input of inputs) {
    const checked = toCheckedRow(bound, input)
    rows.push(checked instanceof Promise ? await checked : checked)
  }
  const isNumbered = rows.every((row) => row['id'] === null)
  // Where some are numbered by the database and some are not, no statement serves for all.
  if (!isNumbered && rows.some((row) => row['id'] === null)) return oneByOne(bound, inputs)
  for (let start = 0; start < rows.length; ) {
    const size = sizes.find((most) => most <= rows.length - start) ?? 1
    await insertRows(bound, rows.slice(start, start + size), isNumbered)
    start += size
  }
  return rows
}

async function oneByOne(bound: BoundModel, inputs: readonly Patch[]): Promise<ColumnRow[]> {
  const rows: ColumnRow[] = []
  for (const input of inputs) rows.push(await createRow(bound, input))
  return rows
}

async function insertRows(
  bound: BoundModel,
  rows: readonly ColumnRow[],
  isNumbered: boolean,
): Promise<void> {
  const { plan } = bound
  const columns = plan.columns.filter((name) => name !== 'id' || !isNumbered)
  const statement = plan.statement(`insert ${columns.length} times ${rows.length}`, () =>
    compileInsert(bound, columns, rows.length),
  )
  const values: Record<string, Value> = {}
  for (const [at, row] of rows.entries())
    for (const name of columns) values[`${name}_${at}`] = plan.encode(name, row[name])
  const stored = await write(bound, statement, values)
  if (isNumbered)
    numberRows(
      rows,
      stored.map((row) => plan.decode(row)['id'] as number),
    )
  for (const row of rows) {
    const noted = recordCreation(bound, row)
    if (noted) await noted
  }
}

/** The database numbers rows in the order in which they stand, but may tell the numbers in another. */
function numberRows(rows: readonly ColumnRow[], ids: readonly number[]): void {
  const ordered = ids.toSorted((a, b) => a - b)
  for (const [at, row] of rows.entries()) row['id'] = ordered[at]
}

function compileInsert({ plan }: BoundModel, columns: readonly string[], count: number): Statement {
  const rows = Array.from({ length: count }, (_, at) =>
    Object.fromEntries(columns.map((name) => [name, slot(`${name}_${at}`)])),
  )
  const query = plan.dialect.compiler.insertInto(plan.model.table).values(rows)
  return toStatement(columns.includes('id') ? query : query.returning('id'))
}
