import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database } from '#kit/db'
import { f } from '#kit/model'
import { eachDialect } from '#kit/testing'
import { type Bench, noteModel, openBench } from './fixture/bench.ts'
import { createMigrator } from './migrator.ts'

const first = noteModel({ rank: f.integer().optional() })
const second = noteModel({
  rank: f.number().default(1.5),
  label: f.text({ max: 9 }).optional().unique(),
})
const insertNotes =
  "INSERT INTO notes (title, rank, created_at, updated_at) VALUES ('a', 1, '2026-03-01T08:00:00Z', '2026-03-01T08:00:00Z'), ('b', NULL, '2026-03-01T08:00:00Z', '2026-03-01T08:00:00Z')"

eachDialect('a migration', (dialect) => {
  let bench: Bench
  beforeEach(async () => {
    bench = await openBench(dialect)
  })
  afterEach(() => bench.close())

  /** The first migration applied, two rows, and the second one made: it makes the table anew. */
  async function prepare(): Promise<void> {
    await bench.with(first).make({ message: 'first' })
    await bench.with(first).up()
    await bench.execute(insertNotes)
    await bench.with(second).make({ message: 'second' })
  }

  const stateOf = async () => ({
    schema: await bench.schema(),
    rows: await bench.rows(),
    applied: await bench.execute('SELECT * FROM plinth_migrations'),
  })

  const foreignKeys = { sqlite: 'PRAGMA foreign_keys', postgres: 'SELECT 1 AS foreign_keys' }

  /** The database whose n-th statement fails before it runs. */
  function failingAt(nth: number): Pick<Database, 'dialect' | 'reader' | 'exclusively'> {
    let count = 0
    const { database } = bench
    return {
      dialect: database.dialect,
      reader: database.reader,
      exclusively: (work) =>
        database.exclusively((executor) =>
          work({
            isWritable: true,
            all: (statement, values) => executor.all(statement, values),
            run: (statement, values) => executor.run(statement, values),
            executeChange: (sql, values) => executor.executeChange(sql, values),
            execute: (sql, values) => {
              count += 1
              if (count === nth) throw new Error(`fault at ${sql}`)
              return executor.execute(sql, values)
            },
          }),
        ),
    }
  }

  describe('a migration that breaks off', () => {
    test('leaves no trace at whatever statement, and goes through afterwards', async () => {
      await prepare()
      const start = await stateOf()
      const sets = [{ name: 'notes', folder: bench.folder, models: [second] }]
      const faults: string[] = []
      for (let nth = 1; ; nth += 1) {
        const migrator = createMigrator({ database: failingAt(nth), sets, nowMs: () => 0 })
        const fault = await migrator.up().then(
          () => undefined,
          (error: Error) => error.message,
        )
        if (fault === undefined) break
        // The transaction is through; what follows it is the way out.
        if (await bench.with(second).isCurrent()) break
        faults.push(fault)
        expect(await stateOf()).toEqual(start)
        expect(await bench.execute(foreignKeys[dialect.name])).toEqual([{ foreign_keys: 1 }])
      }
      expect(faults.length).toBeGreaterThan(15)
      expect(
        faults.filter((fault) => /fault at (INSERT|DROP|ALTER|CREATE|UPDATE|COMMIT)/.test(fault))
          .length,
      ).toBeGreaterThan(6)
      const end = await stateOf()
      expect(end.rows['notes']?.map(({ rank }) => rank)).toEqual([1, 1.5])
      expect(end.applied).toHaveLength(2)
    })

    test('by kill -9 in the middle leaves no trace', async () => {
      await prepare()
      const start = await stateOf()
      for (const nth of [8, 12, 16]) {
        const { signal } = await runElsewhere(`
        let count = 0
        const wrap = (executor) => ({ ...executor, execute: (sql, values) => {
          count += 1
          if (count === ${nth}) process.kill(process.pid, 'SIGKILL')
          return executor.execute(sql, values)
        } })
        const killed = { dialect: database.dialect, reader: database.reader,
          exclusively: (work) => database.exclusively((executor) => work(wrap(executor))) }
        await createMigrator({ ...options, database: killed }).up()
      `)
        expect(signal).toBe('SIGKILL')
        expect(await stateOf()).toEqual(start)
      }
      expect(await bench.with(second).up()).toEqual(['notes/0002-second'])
    }, 30_000)
  })

  test('of processes that start at once one applies each migration, and all come up', async () => {
    await prepare()
    // Long enough for the others to come and wait.
    const slow = `WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1000000) UPDATE notes SET title = (SELECT CAST(max(x) AS TEXT) FROM n)`
    const path = join(bench.folder, '0002-second.json')
    const text = await readFile(path, 'utf8')
    await writeFile(
      path,
      text.replace(
        '"up": [',
        `"up": [{ "op": "sql", "${dialect.name}": [${JSON.stringify(slow)}] },`,
      ),
    )
    const runs = await Promise.all(
      [1, 2, 3].map(() =>
        runElsewhere(
          'console.log(JSON.stringify(await createMigrator({ ...options, database }).up()))',
        ),
      ),
    )
    expect(runs.map(({ errors }) => errors)).toEqual(['', '', ''])
    expect(runs.map(({ output }) => output).sort()).toEqual(['["notes/0002-second"]', '[]', '[]'])
    expect(await bench.with(second).isCurrent()).toBe(true)
  }, 30_000)

  test('that makes a new database is applied by one of the processes that start at once', async () => {
    await bench.with(first).make({ message: 'first' })
    const runs = await Promise.all(
      [1, 2, 3, 4].map(() =>
        runElsewhere(
          'console.log(JSON.stringify(await createMigrator({ ...options, database }).up()))',
        ),
      ),
    )
    expect(runs.map(({ errors }) => errors)).toEqual(['', '', '', ''])
    expect(runs.map(({ output }) => output).sort()).toEqual([
      '["notes/0001-initial"]',
      '[]',
      '[]',
      '[]',
    ])
  }, 30_000)

  /** Runs code in a process of its own, with `database` and `options` of this bench at hand. */
  async function runElsewhere(code: string) {
    const script = `
    import { createLog } from '#kit/core'
    import { openDatabase } from '#kit/db'
    import { createMigrator } from '#kit/migrate'
    const database = await openDatabase(${JSON.stringify(bench.config)}, { log: createLog('silent') })
    const options = { sets: [{ name: 'notes', folder: ${JSON.stringify(bench.folder)}, models: [] }], nowMs: () => 0 }
    ${code}
    await database.close()
  `
    const child = Bun.spawn([process.execPath, '-e', script], {
      cwd: join(import.meta.dir, '../..'),
      stdout: 'pipe',
      stderr: 'pipe',
      timeout: 60_000,
      killSignal: 'SIGKILL',
    })
    const [output, errors] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ])
    await child.exited
    return { output: output.trim(), errors, signal: child.signalCode }
  }
})
