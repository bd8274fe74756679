import { afterEach, beforeEach, expect, test } from 'bun:test'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createLog } from '#kit/core'
import { copyDatabase } from '#kit/data'
import { type AnyModel, f } from '#kit/model'
import { eachDialect } from '#kit/testing'
import { type Bench, noteModel, openBench } from '../fixture/bench.ts'
import { stateOf } from '../fixture/rows.ts'
import { type Rehearsal, rehearse } from './rehearse.ts'

const times = "'2026-03-01T08:00:00Z', '2026-03-01T08:00:00Z'"
const fields = {
  old: f.text({ max: 9 }).optional(),
  rank: f.integer().optional(),
  size: f.number(),
}
const first = noteModel(fields)

eachDialect('a rehearsal', (dialect) => {
  let bench: Bench
  beforeEach(async () => {
    bench = await openBench(dialect)
    await bench.with(first).make({ message: 'first' })
    await bench.with(first).up()
    await bench.execute(
      `INSERT INTO notes (title, old, rank, size, created_at, updated_at) VALUES ('a', 'x', 1, 1.5, ${times}), ('b', NULL, NULL, 2, ${times})`,
    )
  })
  afterEach(() => bench.close())

  /** Makes the migration to these models and rehearses it; the original must stay as it is. */
  async function rehearsed(model: AnyModel, prepare = async () => {}): Promise<Rehearsal> {
    await bench.with(model).make({ message: 'second', allowLoss: true })
    await prepare()
    const before = await stateOf(bench.database.reader, bench.engine)
    const sets = bench.setOf(model)
    const result = await rehearse({
      config: bench.config,
      sets,
      nowMs: () => 0,
      log: createLog('silent'),
      copyRows: async (from, to) => {
        await copyDatabase({ from, to, source: 'original', sets, nowMs: () => 0 })
      },
    })
    expect(await stateOf(bench.database.reader, bench.engine)).toEqual(before)
    expect(await bench.with(model).pending()).toEqual(['notes/0002-second'])
    return result
  }

  const edit = async (change: (text: string) => string) => {
    const path = join(bench.folder, '0002-second.json')
    await writeFile(path, change(await readFile(path, 'utf8')))
  }

  const fateOf = ({ columns }: Rehearsal, name: string) => {
    const { column: _, ...fate } = columns.find(({ column }) => column === name) ?? {}
    return fate
  }

  test('of what adds a column has nothing to find fault with', async () => {
    const result = await rehearsed(noteModel({ ...fields, extra: f.date().optional() }))
    expect(result).toMatchObject({ ids: ['notes/0002-second'], rows: 2, faults: [] })
    expect(result.columns.map(({ up, back }) => [up, back])).toEqual(
      Array.from({ length: 7 }, () => ['same', 'same']),
    )
    expect(result.steps).toMatchObject([
      { direction: 'up', operations: ['add_column notes.extra'], rewritten: [] },
      { direction: 'down', operations: ['drop_column notes.extra'], rewritten: [] },
    ])
    expect(result.steps[0]?.locks).toEqual(
      { sqlite: [], postgres: [{ table: 'notes', mode: 'ACCESS EXCLUSIVE' }] }[dialect.name],
    )
  })

  test('tells column by column what is gone, changed, filled and back', async () => {
    const result = await rehearsed(noteModel({ rank: f.integer().default(7), size: f.integer() }))
    expect(result.faults).toEqual([])
    const table = 'notes'
    expect(fateOf(result, 'old')).toEqual({
      table,
      values: 1,
      up: 'gone',
      back: 'lost',
      valuesBack: 0,
      isSaid: true,
    })
    expect(fateOf(result, 'size')).toEqual({
      table,
      values: 2,
      up: 'other',
      back: 'other',
      valuesBack: 2,
      isSaid: true,
    })
    expect(fateOf(result, 'rank')).toEqual({
      table,
      values: 1,
      up: 'other',
      back: 'filled',
      valuesBack: 2,
      isSaid: false,
    })
    expect(fateOf(result, 'title')).toMatchObject({ up: 'same', back: 'same', values: 2 })
    const ways = result.steps.filter(({ rewritten }) => rewritten.includes('notes'))
    expect(ways.map(({ direction }) => direction)).toEqual(['up', 'down'])
  })

  test('copies a database that nobody uses as it is, and one in use by its rows', async () => {
    await bench.execute('CREATE VIEW titles AS SELECT title FROM notes')
    const model = noteModel({ ...fields, extra: f.date().optional() })
    const used = await rehearsed(model)
    expect(used.faults).toEqual([])
    expect(used.lacks).toBe(
      {
        sqlite: undefined,
        postgres: 'views, triggers and tables that no migration has made',
      }[dialect.name],
    )
    await bench.database.close()
    const copyRows = () => Promise.reject(new Error('Must not copy rows.'))
    const options = { config: bench.config, sets: bench.setOf(model), nowMs: () => 0, copyRows }
    const unused = await rehearse({ ...options, log: createLog('silent') })
    expect(unused).toMatchObject({ rows: 2, faults: [], lacks: undefined })
  })

  test('finds values that do not come back though no file says so', async () => {
    const result = await rehearsed(first, () =>
      writeFile(
        join(bench.folder, '0002-second.json'),
        JSON.stringify({
          message: '',
          up: [
            {
              op: 'sql',
              sqlite: ["UPDATE notes SET title = 'c'"],
              postgres: ["UPDATE notes SET title = 'c'"],
            },
          ],
          down: [],
        }),
      ),
    )
    expect(result.faults).toEqual([
      'notes.title does not have its values back after down, and no file says "loses".',
    ])
  })

  test('finds a down that cannot be run', async () => {
    const model = noteModel({ ...fields, extra: f.date().optional() })
    const result = await rehearsed(model, () =>
      edit((text) => text.replace(/"down": \[[^\]]*\]/, '"down": []')),
    )
    expect(result.faults).toHaveLength(1)
    expect(result.faults[0]).toStartWith('It cannot be undone with these rows. The "down" of')
  })

  test('without anything pending is none', async () => {
    const options = { config: bench.config, sets: bench.setOf(first), nowMs: () => 0 }
    const copyRows = () => Promise.reject(new Error('Must not copy.'))
    const result = await rehearse({ ...options, log: createLog('silent'), copyRows })
    expect(result).toMatchObject({ ids: [], steps: [], faults: [] })
  })

  test('that fails throws what up would, and leaves no copy behind', async () => {
    const left = {
      sqlite: () => readdir(bench.root),
      postgres: () => bench.execute('SELECT datname FROM pg_database ORDER BY datname'),
    }[dialect.name]
    const before = await left()
    const broken =
      '"up": [{ "op": "sql", "sqlite": ["SELECT nothing"], "postgres": ["SELECT nothing"] },'
    const model = noteModel({ ...fields, extra: f.date().optional() })
    const result = withTemporaryFolder(bench.root, () =>
      rehearsed(model, () => edit((text) => text.replace('"up": [', broken))),
    )
    await expect(result).rejects.toThrow('notes/0002-second failed at up.0 (sql SELECT nothing)')
    expect(await left()).toEqual(before)
  })
})

/** Where temporary files are made, for this long. */
async function withTemporaryFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const { TMPDIR } = process.env
  process.env['TMPDIR'] = folder
  try {
    return await work()
  } finally {
    if (TMPDIR === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = TMPDIR
  }
}
