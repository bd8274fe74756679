import { expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Executor } from '#kit/db'
import type { AnyModel } from '#kit/model'
import { eachDialect, type TestDialect } from '#kit/testing'
import { findConversion } from './conversions.ts'
import { buildTables } from './create-tables.ts'
import type { Engine } from './engine/engine.ts'
import { drawnPair, toModels } from './fixture/drawn-models.ts'
import { fillOf, insertRows, type Rows, stateOf, wipe } from './fixture/rows.ts'
import { runPlan, withDatabase } from './fixture/run-plan.ts'
import { followColumn } from './operation.ts'
import { type Plan, planMigration } from './plan.ts'
import { toRenames } from './renames.ts'
import { type Column, findColumn, getTable, type Snapshot } from './snapshot.ts'
import { toSnapshot } from './to-snapshot.ts'

interface Kept {
  readonly table: string
  readonly column: Column
  readonly toTable: string
  readonly to: Column
}

/** What became of each column by the operations, where it is still there. */
function keptColumns(plan: Plan, before: Snapshot, after: Snapshot): Kept[] {
  return before.tables.flatMap(({ name: table, columns }) =>
    columns.flatMap((column) => {
      const place = followColumn(plan.up, { table, column: column.name })
      const to = place && findColumn(getTable(after, place.table), place.column)
      return to ? [{ table, column, toTable: place.table, to }] : []
    }),
  )
}

/** What one run works with. */
interface Stage {
  readonly executor: Executor
  readonly engine: Engine
  readonly seen: Seen
}

/** What the runs came across: a generator that has become blind would prove nothing. */
interface Seen {
  planned: number
  refused: number
  compared: number
  undone: number
  readonly operations: Set<string>
}

interface Pair {
  readonly from: readonly AnyModel[]
  readonly to: readonly AnyModel[]
  /** Rows of each table. */
  readonly count: number
}

/** Values of one kind are the same; those of a column that has become required got its default. */
async function assertMoved(stage: Stage, kept: readonly Kept[], [start, middle]: [Rows, Rows]) {
  for (const { table, column, toTable, to } of kept) {
    if (column.kind !== to.kind) continue
    const fill = await fillOf(stage.executor, stage.engine, to)
    const expected = start[table]?.map((row) => row[column.name] ?? fill)
    expect(middle[toTable]?.map((row) => row[to.name])).toEqual(expected)
    stage.seen.compared += expected?.length ?? 0
  }
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

async function assertPlanHolds(stage: Stage, { from, to, count }: Pair): Promise<void> {
  const { executor, engine, seen } = stage
  const [before, after] = [toSnapshot(from), toSnapshot(to)]
  const planned = planMigration(before, after, toRenames(to))
  if (!planned.ok) {
    seen.refused += 1
    expect(planned.errors.length).toBeGreaterThan(0)
    return
  }
  seen.planned += 1
  const plan = planned.value
  for (const { op } of plan.up) seen.operations.add(op)
  const target = await freshSchema(stage, after)
  await buildTables(executor, engine.name, before)
  await insertRows(executor, engine, { snapshot: before, count })
  const start = await stateOf(executor, engine)
  if (await runPlan(executor, plan, { engine, direction: 'up', before })) {
    expect(count).toBeGreaterThan(0)
    return expect(await stateOf(executor, engine)).toEqual(start)
  }
  const middle = await stateOf(executor, engine)
  expect(middle.schema).toEqual(target)
  const kept = keptColumns(plan, before, after)
  await assertMoved(stage, kept, [start.rows, middle.rows])
  if (await runPlan(executor, plan, { engine, direction: 'down', before: after })) {
    expect(count).toBeGreaterThan(0)
    return expect(await stateOf(executor, engine)).toEqual(middle)
  }
  seen.undone += 1
  const end = await stateOf(executor, engine)
  expect(end.schema).toEqual(start.schema)
  assertBack(kept, start.rows, end.rows)
}

async function freshSchema({ executor, engine }: Stage, snapshot: Snapshot) {
  await buildTables(executor, engine.name, snapshot)
  const schema = await engine.describe(executor)
  await wipe(executor, engine)
  return schema
}

async function runPairs(dialect: TestDialect, numRuns: number): Promise<Seen> {
  const seen: Seen = { planned: 0, refused: 0, compared: 0, undone: 0, operations: new Set() }
  await withDatabase(dialect, async (executor, engine) => {
    const property = fc.asyncProperty(
      drawnPair,
      fc.constantFrom(0, 1, 2, 3, 3),
      async ({ one, two }, count) => {
        const pair = { from: toModels(one), to: toModels(two), count }
        await assertPlanHolds({ executor, engine, seen }, pair)
        await wipe(executor, engine)
      },
    )
    await fc.assert(
      property.beforeEach(() => wipe(executor, engine)),
      { numRuns },
    )
  })
  return seen
}

eachDialect('a plan between two sets of models', (dialect) => {
  test('leads to what a fresh build has, keeps the rows, and leads back', async () => {
    const seen = await runPairs(dialect, 250)
    expect(seen.planned).toBeGreaterThan(40)
    expect(seen.undone).toBeGreaterThan(30)
    expect(seen.compared).toBeGreaterThan(200)
    expect([...seen.operations].sort()).toEqual([
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
