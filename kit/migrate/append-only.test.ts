import { describe, expect, test } from 'bun:test'
import type { Executor } from '#kit/db'
import { type AnyModel, type AppendOnly, defineModel, f } from '#kit/model'
import { eachDialect } from '#kit/testing'
import { buildTables } from './create-tables.ts'
import type { Engine } from './engine/engine.ts'
import { runPlan, withDatabase } from './fixture/run-plan.ts'
import { applyOperation } from './operation.ts'
import { planMigration } from './plan.ts'
import { toRenames } from './renames.ts'
import { emptySnapshot } from './snapshot.ts'
import { toSnapshot } from './to-snapshot.ts'

const access = { read: 'admin', write: 'admin' } as const
const book = (name = 'book', mark = 'closed', was?: string) =>
  defineModel(name, {
    id: f.serial(),
    access,
    fields: { [mark]: was === undefined ? f.integer() : f.integer().was(was) },
    ...(name === 'book' ? {} : { was: 'book' }),
  })
const line = (
  more: Parameters<typeof defineModel>[1]['fields'] = {},
  rule?: AppendOnly,
): AnyModel =>
  defineModel('line', {
    id: f.serial(),
    access,
    fields: { book_id: f.integer(), place: f.integer(), ...more },
    ...(rule ? { appendOnly: rule } : {}),
  })
const until = (of: AnyModel, mark = 'closed'): AppendOnly => ({
  until: { field: 'book_id', of, position: 'place', mark },
})

const noon = "'2026-03-01T12:00:00Z', '2026-03-01T12:00:00Z'"

eachDialect('rows that are only ever added', (dialect) => {
  /** Brings a database with two lines from some models to others, and perhaps back. */
  async function change(
    [from, to]: readonly [readonly AnyModel[], readonly AnyModel[]],
    { isBack = false }: { readonly isBack?: boolean } = {},
  ) {
    return withDatabase(dialect, async (executor, engine) => {
      await buildTables(executor, engine.name, toSnapshot(from))
      const [books] = from
      const mark = Object.keys(books?.fields ?? {})[1]
      await executor.execute(
        `INSERT INTO ${books?.table} (${mark}, created_at, updated_at) VALUES (1, ${noon})`,
      )
      for (const place of [1, 2])
        await executor.execute(
          `INSERT INTO lines (book_id, place, created_at, updated_at) VALUES (1, ${place}, ${noon})`,
        )
      const plan = planMigration(toSnapshot(from), toSnapshot(to), toRenames(to))
      if (!plan.ok) throw new Error(JSON.stringify(plan.errors))
      const state = toSnapshot(from)
      await runPlan(executor, plan.value, { engine, direction: 'up', before: state })
      if (isBack) {
        const raised = plan.value.up.reduce(applyOperation, state)
        await runPlan(executor, plan.value, { engine, direction: 'down', before: raised })
      }
      return {
        kinds: plan.value.up.map(({ op }): string => op),
        ...(await tryAll(executor, engine)),
      }
    })
  }

  const isAllowed = async (executor: Executor, sql: string) => {
    try {
      await executor.execute(sql)
      return true
    } catch (error) {
      expect(String((error as Error).cause)).toContain('Rows of lines are only ever added')
      return false
    }
  }

  async function tryAll(executor: Executor, engine: Engine) {
    const tables = await engine.describe(executor)
    const triggers = tables.find(({ name }) => name === 'lines')?.['triggers']
    return {
      changes: await isAllowed(executor, 'UPDATE lines SET place = place WHERE place = 2'),
      removesLast: await isAllowed(executor, 'DELETE FROM lines WHERE place = 2'),
      removesFirst: await isAllowed(executor, 'DELETE FROM lines WHERE place = 1'),
      triggers: Array.isArray(triggers) ? triggers.length : undefined,
    }
  }

  const guarded = { changes: false, removesLast: false, removesFirst: true, triggers: 2 }
  const open = { changes: true, removesLast: true, removesFirst: true, triggers: 0 }
  const [plain, kept] = [line(), line({}, until(book()))]

  test('a rule that comes makes the triggers; one that goes, and a way back, takes them away', async () => {
    const kinds = ['set_append_only']
    expect(
      await change([
        [book(), plain],
        [book(), kept],
      ]),
    ).toEqual({ kinds, ...guarded })
    expect(
      await change(
        [
          [book(), plain],
          [book(), kept],
        ],
        { isBack: true },
      ),
    ).toEqual({ kinds, ...open })
    expect(
      await change([
        [book(), kept],
        [book(), plain],
      ]),
    ).toEqual({ kinds, ...open })
    expect(
      await change(
        [
          [book(), kept],
          [book(), plain],
        ],
        { isBack: true },
      ),
    ).toEqual({ kinds, ...guarded })
  })

  test('without a mark nothing is removed', async () => {
    const strict = line({}, {})
    expect(
      await change([
        [book(), plain],
        [book(), strict],
      ]),
    ).toMatchObject({ removesFirst: false })
  })

  const changed: Readonly<Record<string, readonly [readonly AnyModel[], readonly AnyModel[]]>> = {
    'a column that is added': [
      [book(), kept],
      [book(), line({ note: f.text({ max: 9 }).optional() }, until(book()))],
    ],
    'a column that is filled': [
      [book(), line({ note: f.text({ max: 9 }).optional() }, until(book()))],
      [book(), line({ note: f.text({ max: 9 }).default('x') }, until(book()))],
    ],
    'a column of another kind, for which SQLite makes the table anew': [
      [book(), line({ size: f.integer().optional() }, until(book()))],
      [book(), line({ size: f.number().optional() }, until(book()))],
    ],
    'a mark that has a new name': [
      [book(), kept],
      [book('book', 'done', 'closed'), line({}, until(book('book', 'done'), 'done'))],
    ],
    'a table of marks that has a new name': [
      [book(), kept],
      [book('ledger'), line({}, until(book('ledger')))],
    ],
  }
  describe.each(Object.keys(changed))('are so still after %s', (name) => {
    const models = changed[name] ?? [[], []]
    test('up', async () => {
      expect(await change(models)).toMatchObject(guarded)
    })
    test('and down', async () => {
      expect(await change(models, { isBack: true })).toMatchObject(guarded)
    })
  })

  test('a table that goes takes all of it along, and comes back with it', async () => {
    await withDatabase(dialect, async (executor, engine) => {
      const before = toSnapshot([book(), kept])
      await buildTables(executor, engine.name, before)
      const plan = planMigration(before, emptySnapshot, toRenames([]))
      if (!plan.ok) throw new Error(JSON.stringify(plan.errors))
      const described = await engine.describe(executor)
      await runPlan(executor, plan.value, { engine, direction: 'up', before })
      expect(await engine.describe(executor)).toEqual([])
      await runPlan(executor, plan.value, { engine, direction: 'down', before: emptySnapshot })
      expect(await engine.describe(executor)).toEqual(described)
    })
  })
})

test('a column by which rows may be removed cannot go', () => {
  const before = toSnapshot([book(), line({}, until(book()))])
  for (const [table, name] of [
    ['lines', 'place'],
    ['books', 'closed'],
  ] as const)
    expect(() => applyOperation(before, { op: 'drop_column', table, name })).toThrow(
      'says which rows may be deleted',
    )
})
