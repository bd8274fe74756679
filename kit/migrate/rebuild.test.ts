import { describe, expect, test } from 'bun:test'
import type { Executor } from '#kit/db'
import { type AnyField, type AnyModel, defineModel, f } from '#kit/model'
import { createTables } from './create-tables.ts'
import { planMigration } from './plan.ts'
import { toRenames } from './renames.ts'
import { runPlan, withDatabase } from './test-run.ts'
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

/** Makes both tables, two parents and a child, then the parents' table anew. */
async function rebuild(executor: Executor, prepare: readonly string[]) {
  const [from, to] = [
    [before, child(before)],
    [after, child(after)],
  ]
  await createTables(executor, from)
  for (const id of [1, 2])
    await executor.execute(`INSERT INTO parents VALUES (${id}, '', ${id}, '')`)
  await executor.execute("INSERT INTO children VALUES (5, '', 2, '')")
  for (const statement of prepare) await executor.execute(statement)
  const plan = planMigration(toSnapshot(from), toSnapshot(to), toRenames(to))
  if (!plan.ok) throw new Error('Was refused.')
  expect(plan.value.up.map(({ op }) => op)).toEqual(['change_column'])
  return await runPlan(executor, plan.value, { direction: 'up', before: toSnapshot(from) })
}

describe('a table made anew', () => {
  test('keeps the rows that refer to its rows, and their references', () =>
    withDatabase(async (executor) => {
      expect(await rebuild(executor, [])).toBeUndefined()
      expect(await executor.execute('SELECT id, parent_id FROM children')).toEqual([
        { id: 5, parent_id: 2 },
      ])
      await executor.execute('PRAGMA foreign_keys = ON')
      expect(() => executor.execute("INSERT INTO children VALUES (6, '', 99, '')")).toThrow()
      await executor.execute('DELETE FROM parents WHERE id = 2')
      expect(await executor.execute('SELECT id FROM children')).toEqual([])
    }))

  test('never gives a number again, also that of a row that has gone', () =>
    withDatabase(async (executor) => {
      await rebuild(executor, ['DELETE FROM children', 'DELETE FROM parents'])
      await executor.execute("INSERT INTO parents (created_at, updated_at) VALUES ('', '')")
      expect(await executor.execute('SELECT id FROM parents')).toEqual([{ id: 3 }])
    }))

  test('keeps triggers and views made by hand', () =>
    withDatabase(async (executor) => {
      const refusal = await rebuild(executor, [
        'CREATE TABLE seen (id INTEGER)',
        'CREATE VIEW best AS SELECT id FROM parents WHERE rank > 1',
        'CREATE TRIGGER see AFTER INSERT ON parents BEGIN INSERT INTO seen VALUES (new.id); END',
        'CREATE TRIGGER other AFTER DELETE ON children BEGIN DELETE FROM parents WHERE id = old.parent_id; END',
      ])
      expect(refusal).toBeUndefined()
      await executor.execute("INSERT INTO parents VALUES (7, '', 0.5, '')")
      expect(await executor.execute('SELECT id FROM seen')).toEqual([{ id: 7 }])
      expect(await executor.execute('SELECT id FROM best')).toEqual([{ id: 2 }])
      await executor.execute('DELETE FROM children')
      expect(await executor.execute('SELECT id FROM parents')).toEqual([{ id: 1 }, { id: 7 }])
    }))

  test('is refused where a row would be left without a target', () =>
    withDatabase(async (executor) => {
      const refusal = await rebuild(executor, ["INSERT INTO children VALUES (6, '', 99, '')"])
      expect(refusal?.detail).toContain('children to parents')
    }))
})
