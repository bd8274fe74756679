import { expect, test } from 'bun:test'
import type { Executor } from '#kit/db'
import { type AnyField, type AnyModel, defineModel, f } from '#kit/model'
import { eachDialect } from '#kit/testing'
import { buildTables } from './create-tables.ts'
import type { Engine } from './engine/engine.ts'
import { runPlan, withDatabase } from './fixture/run-plan.ts'
import { planMigration } from './plan.ts'
import { toRenames } from './renames.ts'
import { toSnapshot } from './to-snapshot.ts'

const access = { read: 'anyone', write: 'anyone' } as const
const parent = (fields: Readonly<Record<string, AnyField>>) =>
  defineModel('parent', { id: f.serial(), access, fields })
const child = (model: AnyModel) =>
  defineModel('child', {
    id: f.serial(),
    table: 'children',
    access,
    fields: { parent_id: f.reference(model, { onDelete: 'cascade' }) },
  })
const before = parent({ rank: f.integer().optional() })
const after = parent({ rank: f.number().optional() })
const times = 'created_at, updated_at'
const noon = "'2026-03-01T12:00:00Z', '2026-03-01T12:00:00Z'"

interface Stage {
  readonly executor: Executor
  readonly engine: Engine
}

async function run({ executor }: Stage, ...statements: readonly string[]): Promise<void> {
  for (const statement of statements) await executor.execute(statement)
}

/** Makes both tables, two parents and a child, then changes a column of the parents. */
async function change(stage: Stage, ...prepare: readonly string[]) {
  const { executor, engine } = stage
  const [from, to] = [
    [before, child(before)],
    [after, child(after)],
  ]
  await buildTables(executor, engine.name, toSnapshot(from))
  for (const id of [1, 2])
    await run(stage, `INSERT INTO parents (rank, ${times}) VALUES (${id}, ${noon})`)
  await run(stage, `INSERT INTO children (id, parent_id, ${times}) VALUES (5, 2, ${noon})`)
  await run(stage, ...prepare)
  const plan = planMigration(toSnapshot(from), toSnapshot(to), toRenames(to))
  if (!plan.ok) throw new Error('Was refused.')
  expect(plan.value.up.map(({ op }) => op)).toEqual(['change_column'])
  return await runPlan(executor, plan.value, { engine, direction: 'up', before: toSnapshot(from) })
}

const rows = ({ executor }: Stage, table: string) =>
  executor.execute(`SELECT id FROM ${table} ORDER BY id`)

const byHand = {
  sqlite: [
    'CREATE TABLE seen (id INTEGER)',
    'CREATE VIEW best AS SELECT id FROM parents WHERE id > 1',
    'CREATE TRIGGER see AFTER INSERT ON parents BEGIN INSERT INTO seen VALUES (new.id); END',
    'CREATE TRIGGER other AFTER DELETE ON children BEGIN DELETE FROM parents WHERE id = old.parent_id; END',
  ],
  postgres: [
    'CREATE TABLE seen (id bigint)',
    'CREATE VIEW best AS SELECT id FROM parents WHERE id > 1',
    'CREATE FUNCTION see() RETURNS trigger AS $$ BEGIN INSERT INTO seen VALUES (new.id); RETURN new; END $$ LANGUAGE plpgsql',
    'CREATE FUNCTION other() RETURNS trigger AS $$ BEGIN DELETE FROM parents WHERE id = old.parent_id; RETURN old; END $$ LANGUAGE plpgsql',
    'CREATE TRIGGER see AFTER INSERT ON parents FOR EACH ROW EXECUTE FUNCTION see()',
    'CREATE TRIGGER other AFTER DELETE ON children FOR EACH ROW EXECUTE FUNCTION other()',
  ],
}

eachDialect('a table with a changed column', (dialect) => {
  const onStage = (work: (stage: Stage) => Promise<void>) =>
    withDatabase(dialect, (executor, engine) => work({ executor, engine }))

  test('keeps the rows that refer to its rows, and their references', () =>
    onStage(async (stage) => {
      expect(await change(stage)).toBeUndefined()
      const { executor, engine } = stage
      expect(await executor.execute('SELECT id, parent_id FROM children')).toEqual([
        { id: 5, parent_id: 2 },
      ])
      if (engine.name === 'sqlite') await run(stage, 'PRAGMA foreign_keys = ON')
      const stray = `INSERT INTO children (id, parent_id, ${times}) VALUES (6, 99, ${noon})`
      await expect((async () => executor.execute(stray))()).rejects.toThrow('refers to a row')
      await run(stage, 'DELETE FROM parents WHERE id = 2')
      expect(await rows(stage, 'children')).toEqual([])
    }))

  test('never gives a number again, also that of a row that has gone', () =>
    onStage(async (stage) => {
      await change(stage, 'DELETE FROM children', 'DELETE FROM parents')
      await run(stage, `INSERT INTO parents (${times}) VALUES (${noon})`)
      expect(await rows(stage, 'parents')).toEqual([{ id: 3 }])
    }))

  test('keeps triggers and views made by hand', () =>
    onStage(async (stage) => {
      expect(await change(stage, ...byHand[dialect.name])).toBeUndefined()
      await run(stage, `INSERT INTO parents (id, rank, ${times}) VALUES (7, 0.5, ${noon})`)
      expect(await rows(stage, 'seen')).toEqual([{ id: 7 }])
      expect(await rows(stage, 'best')).toEqual([{ id: 2 }, { id: 7 }])
      await run(stage, 'DELETE FROM children')
      expect(await rows(stage, 'parents')).toEqual([{ id: 1 }, { id: 7 }])
    }))

  test('is refused where a row would be left without a target', () =>
    onStage(async (stage) => {
      // Only an engine whose references can be switched off comes into such a state.
      if (stage.engine.name !== 'sqlite') return
      const stray = `INSERT INTO children (id, parent_id, ${times}) VALUES (6, 99, ${noon})`
      expect((await change(stage, stray))?.detail).toContain('children to parents')
    }))

  test('is made anew once for several columns that change together', () =>
    onStage(async ({ executor, engine }) => {
      const from = [parent({ a: f.integer(), b: f.integer(), c: f.text({ max: 9 }) })]
      const to = [parent({ a: f.number(), b: f.text({ max: 9 }), c: f.choice(['x', 'y']) })]
      await buildTables(executor, engine.name, toSnapshot(from))
      await executor.execute(`INSERT INTO parents (a, b, c, ${times}) VALUES (1, 22, 'x', ${noon})`)
      const plan = planMigration(toSnapshot(from), toSnapshot(to), toRenames(to))
      if (!plan.ok) throw new Error('Was refused.')
      const seen: string[] = []
      const watched: Executor = {
        isWritable: true,
        all: (statement, values) => executor.all(statement, values),
        run: (statement, values) => executor.run(statement, values),
        executeChange: (sql, values) => executor.executeChange(sql, values),
        execute: (sql, values) => {
          seen.push(sql)
          return executor.execute(sql, values)
        },
      }
      await runPlan(watched, plan.value, { engine, direction: 'up', before: toSnapshot(from) })
      expect(await executor.execute('SELECT a, b, c FROM parents')).toEqual([
        { a: 1, b: '22', c: 'x' },
      ])
      const copies = seen.filter((sql) => sql.startsWith('INSERT INTO "plinth_new_parents"'))
      expect(copies).toHaveLength(engine.name === 'sqlite' ? 1 : 0)
    }))

  test('is left where it is for kinds that the engine takes for one', () =>
    onStage(async ({ executor, engine }) => {
      const from = [parent({ c: f.text({ max: 9 }).unique({ ignoreCase: true }) })]
      const to = [parent({ c: f.choice(['x', 'X']).unique({ ignoreCase: true }) })]
      await buildTables(executor, engine.name, toSnapshot(to))
      const target = await engine.describe(executor)
      await executor.execute('DROP TABLE parents')
      await buildTables(executor, engine.name, toSnapshot(from))
      const { places } = await engine.observe(executor)
      const plan = planMigration(toSnapshot(from), toSnapshot(to), toRenames(to))
      if (!plan.ok) throw new Error('Was refused.')
      await runPlan(executor, plan.value, { engine, direction: 'up', before: toSnapshot(from) })
      expect((await engine.observe(executor)).places).toEqual(places)
      expect(await engine.describe(executor)).toEqual(target)
    }))
})

const clashes: Readonly<Record<string, readonly [from: AnyField, to: AnyField, values: string]>> = {
  'whose fraction goes': [f.number().unique(), f.integer().unique(), '(1.25), (1.75)'],
  'whose time of day goes': [
    f.instant().unique(),
    f.date().unique(),
    "('2026-03-01T08:00:00.000Z'), ('2026-03-01T09:00:00.000Z')",
  ],
}

eachDialect('unique values', (dialect) => {
  for (const [name, [from, to, values]] of Object.entries(clashes)) {
    test(`${name} are refused where they become the same`, () =>
      withDatabase(dialect, async (executor, engine) => {
        const thing = (x: AnyField) =>
          toSnapshot([defineModel('thing', { id: f.serial(), access, fields: { x } })])
        await buildTables(executor, engine.name, thing(from))
        const spread = values.replaceAll(')', `, ${noon})`)
        await executor.execute(`INSERT INTO things (x, ${times}) VALUES ${spread}`)
        const plan = planMigration(thing(from), thing(to), toRenames([]))
        if (!plan.ok) throw new Error('Was refused.')
        const run = { engine, direction: 'up', before: thing(from) } as const
        expect((await runPlan(executor, plan.value, run))?.detail).toContain(
          'Rows of things would have the same x, which is to be unique.',
        )
      }))
  }

  test('in an index on an expression or with a condition follow their column to another kind', () =>
    withDatabase(dialect, async (executor, engine) => {
      const thing = (x: AnyField) =>
        toSnapshot([
          defineModel('thing', {
            id: f.serial(),
            access,
            fields: { x, y: f.integer() },
            indexes: [{ fields: ['y'], where: { x: null } }],
          }),
        ])
      const [from, to] = [
        thing(f.text({ max: 9 }).optional().unique({ ignoreCase: true })),
        thing(f.integer().optional().unique({ ignoreCase: true })),
      ]
      await buildTables(executor, engine.name, to)
      const target = await engine.describe(executor)
      await executor.execute('DROP TABLE things')
      await buildTables(executor, engine.name, from)
      await executor.execute(`INSERT INTO things (x, y, ${times}) VALUES ('12', 1, ${noon})`)
      const plan = planMigration(from, to, toRenames([]))
      if (!plan.ok) throw new Error('Was refused.')
      expect(
        await runPlan(executor, plan.value, { engine, direction: 'up', before: from }),
      ).toBeUndefined()
      expect(await engine.describe(executor)).toEqual(target)
      expect(await executor.execute('SELECT x FROM things')).toEqual([{ x: 12 }])
    }))
})
