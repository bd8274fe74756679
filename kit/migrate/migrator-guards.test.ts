import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createLog } from '#kit/core'
import { type Executor, openDatabase } from '#kit/db'
import { f } from '#kit/model'
import { eachDialect, refusalOf } from '#kit/testing'
import { type Bench, noteModel, openBench } from './fixture/bench.ts'
import { readLedger } from './ledger.ts'
import { scriptOf } from './script.ts'

const times = "'2026-03-01T08:00:00Z', '2026-03-01T08:00:00Z'"
const plain = noteModel()
const ranked = noteModel({ rank: f.integer().optional(), size: f.number().optional() })

eachDialect('the migrator', (dialect) => {
  let bench: Bench
  beforeEach(async () => {
    bench = await openBench(dialect)
  })
  afterEach(() => bench.close())

  /** One note with a rank and a size, and a pending migration that drops both columns. */
  async function prepareLoss() {
    await bench.with(ranked).make({ message: 'first' })
    await bench.with(ranked).up()
    await bench.execute(
      `INSERT INTO notes (title, rank, size, created_at, updated_at) VALUES ('a', 1, 0.5, ${times})`,
    )
    await bench.with(plain).make({ message: 'less', allowLoss: true })
    return bench.with(plain)
  }

  describe('of a file that loses something applies', () => {
    test('nothing that was not named, and names it', async () => {
      const migrator = await prepareLoss()
      const all = '--accept-loss notes.rank --accept-loss notes.size'
      expect(await refusalOf(migrator.up())).toContain(
        'notes/0002-less destroys: column notes.rank with its values; column notes.size with its values.',
      )
      expect(await refusalOf(migrator.up())).toEndWith(`plinth migrate up ${all}`)
      const one = await refusalOf(migrator.up({ acceptLoss: ['notes.rank'] }))
      expect(one).not.toContain('column notes.rank')
      expect(one).toEndWith(all)
      expect((await bench.rows())['notes']?.map(({ rank, size }) => [rank, size])).toEqual([
        [1, 0.5],
      ])
      expect(await migrator.pending()).toEqual(['notes/0002-less'])
      expect(await migrator.up({ acceptLoss: ['notes.size', 'notes.rank'] })).toHaveLength(1)
    })

    test('nothing where a name is wrong', async () => {
      const migrator = await prepareLoss()
      expect(
        await refusalOf(migrator.up({ acceptLoss: ['notes.rank', 'notes.size', 'notes.siz'] })),
      ).toBe(
        'No migration to apply loses notes.siz: they lose notes.rank, notes.size. Name exactly what may go.',
      )
      expect(await migrator.pending()).toHaveLength(1)
    })

    test('all where there are no rows', async () => {
      const migrator = await prepareLoss()
      await bench.execute('DELETE FROM notes')
      expect(await migrator.up()).toEqual(['notes/0002-less'])
    })

    test('what somebody wrote into it only word for word, but on a new database', async () => {
      await bench.with(plain).make({ message: 'first' })
      const write = (number: number) =>
        writeFile(
          join(bench.folder, `000${number}-hand.json`),
          JSON.stringify({
            message: '',
            up: [{ op: 'sql', sqlite: ['DELETE FROM notes'], postgres: ['DELETE FROM notes'] }],
            down: [],
            loses: ['all notes'],
          }),
        )
      await write(2)
      const migrator = bench.with(plain)
      expect(await migrator.up()).toHaveLength(2)
      await write(3)
      expect(await refusalOf(migrator.up())).toEndWith(
        'plinth migrate up --accept-loss "all notes"',
      )
      expect(await migrator.up({ acceptLoss: ['all notes'] })).toEqual(['notes/0003-hand'])
    })
  })

  test('undoes what was named, and no more', async () => {
    await bench.with(plain).make({ message: 'first' })
    await bench.with(ranked).make({ message: 'more' })
    const migrator = bench.with(ranked)
    await migrator.up()
    await bench.execute(`INSERT INTO notes (title, created_at, updated_at) VALUES ('a', ${times})`)
    expect(await refusalOf(migrator.down(1, { acceptLoss: ['notes.rank'] }))).toEndWith(
      'column notes.size with its values. If that is meant, say --accept-loss notes.size.',
    )
    const { ids } = await migrator.down(1, { acceptLoss: ['notes.rank', 'notes.size'] })
    expect(ids).toEqual(['notes/0002-more'])
  })

  test('adds an optional column without writing the table anew', async () => {
    await bench.with(plain).make({ message: 'first' })
    await bench.with(ranked).make({ message: 'more' })
    const migrator = bench.with(ranked)
    await migrator.up({ to: 'notes/0001-initial' })
    await bench.execute(`INSERT INTO notes (title, created_at, updated_at) VALUES ('a', ${times})`)
    const placesNow = async () => (await bench.engine.observe(bench.database.reader)).places
    const before = await placesNow()
    expect(before['notes']).toMatch(/^\d+$/)
    await migrator.up()
    expect(await placesNow()).toEqual(before)
  })

  test('prints what it would run, and that makes the same', async () => {
    await bench.with(plain).make({ message: 'first' })
    await bench.with(ranked).make({ message: 'with more' })
    const script = await bench.with(ranked).script()
    expect(await bench.with(ranked).isEmpty()).toBe(true)
    const whole = await scriptOf(bench.setOf(ranked), dialect.name, () => 0)
    expect(whole.map((line) => line.replace('1970-01-01T00', '2026-03-01T08'))).toEqual(script)
    expect(script).toContain('-- notes/0002-with-more: with more')
    await bench.database.exclusively(async (executor) => {
      for (const line of script)
        if (line !== '' && !line.startsWith('--')) await executor.execute(line)
    })
    expect(await bench.with(ranked).isCurrent()).toBe(true)
    expect(await bench.with(ranked).script()).toEqual([])
    const schema = await bench.schema()
    await bench.with(ranked).down(2)
    await bench.with(ranked).up()
    expect(await bench.schema()).toEqual(schema)
  })

  test('reads a record that another process makes in the meantime', async () => {
    await bench.with(plain).make({ message: 'first' })
    const { reader } = bench.database
    let isFirst = true
    const late: Executor = {
      isWritable: false,
      all: (statement, values) => reader.all(statement, values),
      run: (statement, values) => reader.run(statement, values),
      executeChange: (sql, values) => reader.executeChange(sql, values),
      execute: async (sql, values) => {
        if (!isFirst) return reader.execute(sql, values)
        isFirst = false
        try {
          return await reader.execute(sql, values)
        } finally {
          await bench.with(plain).up()
        }
      },
    }
    const ledger = await readLedger(late, bench.engine)
    expect(ledger.map(({ name }) => name)).toEqual(['0001-initial'])
  })

  test('says who has the table that it waited for, and keeps nothing', async () => {
    await bench.with(plain).make({ message: 'first' })
    await bench.with(ranked).make({ message: 'more' })
    await bench.with(ranked).up({ to: 'notes/0001-initial' })
    const schema = await bench.schema()
    const hurried = bench.like({ sets: bench.setOf(ranked), patience: { lockMs: 20, turnMs: 20 } })
    const other = await openDatabase(bench.config, { log: createLog('silent') })
    const hold = {
      sqlite: () =>
        other.exclusively(async (executor) => {
          await executor.execute('BEGIN IMMEDIATE')
          return refusalOf(hurried.up())
        }),
      postgres: () =>
        other.write('hold', async (unit) => {
          await unit.execute('SELECT title FROM notes')
          return refusalOf(hurried.up())
        }),
    }
    const detail = await hold[dialect.name]()
    await other.close()
    expect(detail).toMatch(
      {
        sqlite: /^Another process has been writing to the database for 0.02 s\. Wait until/,
        postgres:
          /failed at up\.0 \(add_column notes\.rank\).* Nothing of it was kept\. The table is in use by process \d+ \(.*idle in transaction\), which has held notes for \d+ s\. End that \(SELECT pg_terminate_backend\(\d+\)\), or try again/,
      }[dialect.name],
    )
    expect(await bench.schema()).toEqual(schema)
    expect(await hurried.up()).toEqual(['notes/0002-more'])
  })

  test('waits for its turn while the event loop goes on', async () => {
    await bench.with(plain).make({ message: 'first' })
    const other = await openDatabase(bench.config, { log: createLog('silent') })
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const { promise: held, resolve: hold } = Promise.withResolvers<void>()
    const holder = other.exclusively(async (executor) => {
      await bench.engine.begin(executor, { turnMs: 1000, lockMs: 1000 })
      hold()
      await released
      await executor.execute('ROLLBACK')
    })
    await held
    const applied = bench.with(plain).up()
    // Were the loop blocked, nobody would ever let go.
    setTimeout(release, 20)
    expect(await applied).toEqual(['notes/0001-initial'])
    await holder
    await other.close()
  })
})
