import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Executor } from '#kit/db'
import type { AnyModel } from '#kit/model'
import { findConversion } from './conversions.ts'
import { createTables } from './create-tables.ts'
import { literal } from './engine/sql-text.ts'
import { type Plan, planMigration } from './plan.ts'
import { toRenames } from './renames.ts'
import { type Column, findColumn, findTable, type Snapshot, type Table } from './snapshot.ts'
import { drawnPair, samples, toModels } from './test-models.ts'
import { runPlan, withDatabase } from './test-run.ts'
import { rowsOf, schemaOf } from './test-schema.ts'
import { toSnapshot } from './to-snapshot.ts'

async function insertRows(executor: Executor, snapshot: Snapshot, count: number): Promise<void> {
  for (const table of snapshot.tables) {
    for (let row = 1; row <= count; row += 1) await insertRow(executor, table, row)
  }
}

async function insertRow(executor: Executor, table: Table, row: number): Promise<void> {
  const entries = table.columns.map((column) => [column.name, sqlValueOf(column, row)] as const)
  const given = entries.filter(([, value]) => value !== undefined)
  const names = given.map(([name]) => `"${name}"`).join(', ')
  const values = given.map(([, value]) => value).join(', ')
  await executor.execute(`INSERT INTO "${table.name}" (${names}) VALUES (${values})`)
}

function sqlValueOf(column: Column, row: number): string | undefined {
  if (column.kind === 'serial') return String(row * 10)
  if (column.name === 'id') return `'row ${row}'`
  if (column.references || (column.isOptional && row % 2 === 0)) return undefined
  const kind = column.kind as keyof typeof samples
  return literal('sqlite', kind, samples[kind].value(row))
}

async function freshSchema(models: readonly AnyModel[]): Promise<unknown> {
  return await withDatabase(async (executor) => {
    await createTables(executor, models)
    return await schemaOf(executor)
  })
}

interface Kept {
  readonly table: string
  readonly column: Column
  readonly toTable: string
  readonly to: Column
}

/** What became of each column by the operations, where it is still there. */
function keptColumns(plan: Plan, before: Snapshot, after: Snapshot): Kept[] {
  return before.tables.flatMap((table) => {
    const toTable = followTable(plan, table.name)
    const made = toTable === undefined ? undefined : findTable(after, toTable)
    if (!made) return []
    return table.columns.flatMap((column) => {
      const name = followColumn(plan, made.name, column.name)
      const to = name === undefined ? undefined : findColumn(made, name)
      return to ? [{ table: table.name, column, toTable: made.name, to }] : []
    })
  })
}

type Rows = Awaited<ReturnType<typeof rowsOf>>

/** Answers how many values were compared. */
function assertMoved(kept: readonly Kept[], start: Rows, middle: Rows): number {
  const same = kept.filter(({ column, to }) => column.kind === to.kind)
  for (const { table, column, toTable, to } of same) {
    const expected = start[table]?.map((row) => row[column.name] ?? fillOf(to))
    expect(middle[toTable]?.map((row) => row[to.name])).toEqual(expected)
  }
  return same.reduce((sum, { table }) => sum + (start[table]?.length ?? 0), 0)
}

/** After the way there and back: what lost nothing on the way is as it was. */
function assertBack(kept: readonly Kept[], start: Rows, end: Rows): void {
  for (const { table, column, to } of kept) {
    const losesWay = findConversion(column.kind, to.kind)?.loses
    const isFilled = column.isOptional && !to.isOptional
    if (losesWay || isFilled) continue
    const expected = start[table]?.map((row) => row[column.name])
    expect(end[table]?.map((row) => row[column.name])).toEqual(expected)
  }
}

/** What a row without a value gets: the default, where the column has become required. */
function fillOf(column: Column): unknown {
  if (column.isOptional || column.default === undefined) return null
  const text = literal('sqlite', column.kind, column.default)
  return text.startsWith("'") ? text.slice(1, -1).replaceAll("''", "'") : Number(text)
}

function followTable(plan: Plan, name: string): string | undefined {
  let current: string | undefined = name
  for (const operation of plan.up) {
    if (operation.op === 'rename_table' && operation.from === current) current = operation.to
    if (operation.op === 'drop_table' && operation.table === current) return undefined
  }
  return current
}

function followColumn(plan: Plan, table: string, name: string): string | undefined {
  let current: string | undefined = name
  for (const operation of plan.up) {
    if (!('table' in operation) || operation.table !== table) continue
    if (operation.op === 'rename_column' && operation.from === current) current = operation.to
    if (operation.op === 'drop_column' && operation.name === current) return undefined
  }
  return current
}

describe('a plan between two sets of models', () => {
  test('leads to what a fresh build has, keeps the rows, and leads back', async () => {
    const seen = {
      planned: 0,
      refused: 0,
      compared: 0,
      undone: 0,
      operations: new Map<string, number>(),
    }
    await fc.assert(
      fc.asyncProperty(drawnPair, fc.constantFrom(0, 1, 2, 3, 3), async ({ one, two }, count) => {
        const [from, to] = [toModels(one), toModels(two)]
        const [before, after] = [toSnapshot(from), toSnapshot(to)]
        const planned = planMigration(before, after, toRenames(to))
        if (!planned.ok) {
          seen.refused += 1
          expect(planned.errors.length).toBeGreaterThan(0)
          return
        }
        seen.planned += 1
        const plan = planned.value
        for (const { op } of plan.up) seen.operations.set(op, (seen.operations.get(op) ?? 0) + 1)
        await withDatabase(async (executor) => {
          await createTables(executor, from)
          await insertRows(executor, before, count)
          const start = { schema: await schemaOf(executor), rows: await rowsOf(executor) }
          const refusal = await runPlan(executor, plan, { direction: 'up', before })
          if (refusal) {
            expect(count).toBeGreaterThan(0)
            expect({ schema: await schemaOf(executor), rows: await rowsOf(executor) }).toEqual(
              start,
            )
            return
          }
          const middle = { schema: await schemaOf(executor), rows: await rowsOf(executor) }
          expect(middle.schema).toEqual(await freshSchema(to))
          const kept = keptColumns(plan, before, after)
          seen.compared += assertMoved(kept, start.rows, middle.rows)
          const stuck = await runPlan(executor, plan, { direction: 'down', before: after })
          if (stuck) {
            expect(count).toBeGreaterThan(0)
            expect({ schema: await schemaOf(executor), rows: await rowsOf(executor) }).toEqual(
              middle,
            )
            return
          }
          seen.undone += 1
          expect(await schemaOf(executor)).toEqual(start.schema)
          assertBack(kept, start.rows, await rowsOf(executor))
        })
      }),
      { numRuns: 250 },
    )
    // The generator must not have become blind: refusals alone, or empty tables, would prove nothing.
    expect(seen.planned).toBeGreaterThan(40)
    expect(seen.undone).toBeGreaterThan(30)
    expect(seen.compared).toBeGreaterThan(200)
    expect([...seen.operations.keys()].sort()).toEqual([
      'add_column',
      'change_column',
      'create_index',
      'create_table',
      'drop_column',
      'drop_index',
      'drop_table',
      'rename_column',
      'rename_table',
    ])
  }, 60_000)
})
