import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { f } from '#kit/model'
import { eachDialect, problemOf } from '#kit/testing'
import { type Bench, noteModel, openBench } from './fixture/bench.ts'

const first = noteModel()
const second = noteModel({ rank: f.integer().default(3) })
const insertNote =
  "INSERT INTO notes (title, created_at, updated_at) VALUES ('one', '2026-03-01T08:00:00.000Z', '2026-03-01T08:00:00.000Z')"

eachDialect('the migrator', (dialect) => {
  let bench: Bench
  beforeEach(async () => {
    bench = await openBench(dialect)
  })
  afterEach(() => bench.close())

  const pathOf = (name: string) => join(bench.folder, name)
  const edit = async (name: string, change: (text: string) => string) => {
    await writeFile(pathOf(name), change(await readFile(pathOf(name), 'utf8')))
  }

  /** Two migrations made and applied, one row in the table. */
  async function applyBoth() {
    await bench.with(first).make({ message: 'first' })
    await bench.with(second).make({ message: 'add rank' })
    const migrator = bench.with(second)
    await migrator.up()
    await bench.execute(insertNote)
    return migrator
  }

  describe('up', () => {
    test('applies what is pending once, and knows it afterwards', async () => {
      const migrator = bench.with(second)
      await bench.with(first).make({ message: 'first' })
      await migrator.make({ message: 'Add a rank!' })
      expect(await migrator.isEmpty()).toBe(true)
      expect(await migrator.isCurrent()).toBe(false)
      expect(await migrator.pending()).toEqual(['notes/0001-initial', 'notes/0002-add-a-rank'])
      expect(await migrator.up()).toEqual(['notes/0001-initial', 'notes/0002-add-a-rank'])
      expect(await migrator.up()).toEqual([])
      expect(await migrator.isEmpty()).toBe(false)
      expect(await migrator.isCurrent()).toBe(true)
      expect(await migrator.pending()).toEqual([])
      expect(await migrator.status()).toEqual([
        {
          id: 'notes/0001-initial',
          set: 'notes',
          number: 1,
          state: 'applied',
          appliedAt: '2026-03-01T08:00:00.000Z',
          batch: 1,
        },
        {
          id: 'notes/0002-add-a-rank',
          set: 'notes',
          number: 2,
          state: 'applied',
          appliedAt: '2026-03-01T08:00:00.000Z',
          batch: 1,
        },
      ])
    })

    test('goes as far as it is told, and no migration of that name is not found', async () => {
      await bench.with(first).make({ message: 'first' })
      await bench.with(second).make({ message: 'rank' })
      const migrator = bench.with(second)
      expect(await migrator.up({ to: 'notes/0001-initial' })).toEqual(['notes/0001-initial'])
      expect(await migrator.up({ to: 'notes/0001-initial' })).toEqual([])
      expect((await problemOf(migrator.up({ to: 'notes/9' }))).kind.code).toBe('not_found')
      expect(await migrator.up()).toEqual(['notes/0002-rank'])
      expect((await migrator.status()).map(({ batch }) => batch)).toEqual([1, 2])
    })

    test('a file that fails leaves no trace; those before it stay', async () => {
      await bench.with(first).make({ message: 'first' })
      await bench.with(second).make({ message: 'rank' })
      await edit('0002-rank.json', (text) =>
        text.replace(
          '"up": [',
          `"up": [{ "op": "sql", "${dialect.name}": ["CREATE TABLE half (x int)", "INSERT INTO nowhere VALUES (1)"] },`,
        ),
      )
      const problem = await problemOf(bench.with(second).up())
      const fault = {
        sqlite: 'no such table: nowhere',
        postgres: 'relation "nowhere" does not exist',
      }[dialect.name]
      expect(problem.detail).toBe(
        `Migration notes/0002-rank failed at up.0 (sql CREATE TABLE half (x int)): ${fault}. Nothing of it was kept.`,
      )
      expect(Object.keys(await bench.rows())).toEqual(['notes'])
      expect(await bench.with(second).pending()).toEqual(['notes/0002-rank'])
    })

    test('refuses what destroys rows without saying so, and tells the line that says it', async () => {
      const migrator = await applyBoth()
      await writeFile(
        pathOf('0003-drop.json'),
        '{ "message": "", "up": [{ "op": "drop_column", "table": "notes", "name": "rank" }], "down": [] }',
      )
      const problem = await problemOf(migrator.up())
      expect(problem.detail).toContain('"loses": ["column notes.rank with its values"]')
      await edit('0003-drop.json', (text) =>
        text.replace('"down"', '"loses": ["column notes.rank with its values"], "down"'),
      )
      expect(await migrator.up({ acceptLoss: 'said' })).toEqual(['notes/0003-drop'])
    })

    test('refuses rows whose references would lead nowhere', async () => {
      const migrator = await applyBoth()
      const column =
        '{ "name": "other", "kind": "integer", "isOptional": false, "default": 77, "references": { "table": "notes", "onDelete": "restrict" } }'
      await writeFile(
        pathOf('0003-other.json'),
        `{ "message": "", "up": [{ "op": "add_column", "table": "notes", "column": ${column} }], "down": [] }`,
      )
      const before = await bench.schema()
      expect((await problemOf(migrator.up())).detail).toContain(
        {
          sqlite: 'Rows would refer to others that are not there: notes to notes.',
          postgres: 'It refers to a row that is not there',
        }[dialect.name],
      )
      expect(await bench.schema()).toEqual(before)
    })
  })

  describe('down', () => {
    test('undoes the newest first, and up goes the same way again', async () => {
      const migrator = await applyBoth()
      await bench.execute('DELETE FROM notes')
      const schema = await bench.schema()
      expect(await migrator.down(1)).toEqual({
        ids: ['notes/0002-rank'.replace('rank', 'add-rank')],
        notRestored: [],
      })
      expect(await migrator.pending()).toEqual(['notes/0002-add-rank'])
      expect(await migrator.down(5)).toEqual({ ids: ['notes/0001-initial'], notRestored: [] })
      expect(await bench.rows()).toEqual({})
      await migrator.up()
      expect(await bench.schema()).toEqual(schema)
    })

    test('refuses to destroy what rows have, unless that is allowed', async () => {
      const migrator = await applyBoth()
      const problem = await problemOf(migrator.down(2))
      expect(problem.detail).toBe(
        'Undoing notes/0002-add-rank would destroy: column notes.rank with its values. If that is meant, say --accept-loss notes.rank.',
      )
      expect(await migrator.isCurrent()).toBe(true)
      expect((await migrator.down(2, { acceptLoss: 'all' })).ids).toHaveLength(2)
    })

    test('tells what does not come back', async () => {
      const migrator = await applyBoth()
      await bench.with(first).make({ message: 'drop', allowLoss: true })
      await migrator.up({ acceptLoss: ['notes.rank'] })
      expect(await migrator.down(1)).toEqual({
        ids: ['notes/0003-drop'],
        notRestored: ['column notes.rank with its values'],
      })
      expect((await bench.rows())['notes']?.[0]?.['rank']).toBe(3)
    })

    test('refuses a file whose down does not undo its up', async () => {
      const migrator = await applyBoth()
      await edit('0002-add-rank.json', (text) => text.replace(/"down": \[[^\]]*\]/, '"down": []'))
      expect((await problemOf(migrator.down(1, { acceptLoss: 'all' }))).detail).toContain(
        'The "down" of notes/0002-add-rank does not undo its "up".',
      )
    })
  })

  describe('refusals name the repair', () => {
    test('the database is ahead of the code', async () => {
      const migrator = await applyBoth()
      await rm(pathOf('0002-add-rank.json'))
      for (const work of [migrator.up, () => migrator.down(1), migrator.pending]) {
        const problem = await problemOf(work())
        expect(problem.errors?.map(({ path, code }) => [path, code])).toEqual([
          ['notes/0002-add-rank', 'missing'],
        ])
        expect(problem.detail).toContain('Run the version that has the file')
      }
      expect(await migrator.isCurrent()).toBe(false)
      expect((await migrator.status()).map(({ state }) => state)).toEqual(['applied', 'missing'])
    })

    test('an applied file was edited; another spelling of the same is no edit', async () => {
      const migrator = await applyBoth()
      await edit('0002-add-rank.json', (text) => JSON.stringify(JSON.parse(text)).concat('\r\n'))
      expect(await migrator.isCurrent()).toBe(true)
      await edit('0002-add-rank.json', (text) => text.replace('"default":3', '"default":4'))
      expect((await problemOf(migrator.up())).detail).toContain(
        'notes/0002-add-rank was applied and its file was edited since.',
      )
      expect(await migrator.isCurrent()).toBe(false)
    })

    test('two files have one number', async () => {
      const migrator = await applyBoth()
      await writeFile(pathOf('0002-other.json'), '{ "message": "", "up": [], "down": [] }')
      expect((await problemOf(migrator.status())).detail).toContain(
        'notes/0002-add-rank and notes/0002-other have the same number.',
      )
    })

    test('a file comes before one that is applied', async () => {
      await bench.with(first).make({ message: 'first' })
      await bench.with(second).make({ message: 'rank' })
      await rename(pathOf('0002-rank.json'), pathOf('0003-rank.json'))
      const migrator = bench.with(second)
      await migrator.up()
      await writeFile(pathOf('0002-late.json'), '{ "message": "", "up": [], "down": [] }')
      expect((await problemOf(migrator.up())).errors?.[0]?.code).toBe('late')
    })

    const damages: Readonly<Record<string, readonly [string, string]>> = {
      'is cut off': ['{ "message": "x",\n  "up": [', '0009-x.json:2:10 is not JSON.'],
      'has a conflict': ['{\n<<<<<<< ours\n"up": [] }', '0009-x.json:2:1 is not JSON.'],
      'has no such operation': [
        '{ "message": "", "up": [{ "op": "drop" }], "down": [] }',
        '0009-x.json: up.0.op: Must be one of: create_table,',
      ],
      'has no such kind': [
        '{ "message": "", "up": [{ "op": "add_column", "table": "notes", "column": { "name": "x", "kind": "int", "isOptional": true } }], "down": [] }',
        '0009-x.json: up.0.column.kind: Must be one of: text,',
      ],
      'ends the transaction': [
        '{ "message": "", "up": [{ "op": "sql", "sqlite": ["/* */ COMMIT"] }], "down": [] }',
        '0009-x.json: up.0.sqlite.0: Must not COMMIT',
      ],
      'names a table that is not there': [
        '{ "message": "", "up": [{ "op": "drop_table", "table": "nots" }], "down": [] }',
        'failed at up.0 (drop_table nots): There is no table "nots" at this point.',
      ],
      'has no list': [
        '{ "message": "", "up": {}, "down": [] }',
        '0009-x.json: up: Must be an array.',
      ],
    }
    for (const [name, [text, detail]] of Object.entries(damages)) {
      test(`a file that ${name}`, async () => {
        const migrator = await applyBoth()
        const schema = await bench.schema()
        await writeFile(pathOf('0009-x.json'), text)
        expect((await problemOf(migrator.up())).detail).toContain(detail)
        expect(await bench.schema()).toEqual(schema)
      })
    }

    test('a file with a name that is none of ours', async () => {
      const migrator = await applyBoth()
      await writeFile(pathOf('3-Third.json'), '{}')
      expect((await problemOf(migrator.up())).detail).toContain(
        'must have a name like 0002-add-priority.json',
      )
    })
  })

  test('tools that are gone from the app bar nothing', async () => {
    const migrator = await applyBoth()
    await bench.execute(
      `INSERT INTO plinth_migrations ("set", "number", "name", "checksum", "applied_at", "batch") VALUES ('gone', 1, '0001-initial', 'x', '2026-03-01T08:00:00.000Z', 1)`,
    )
    expect(await migrator.isCurrent()).toBe(true)
    expect((await migrator.down(1, { acceptLoss: 'all' })).ids).toEqual(['notes/0002-add-rank'])
  })
})
