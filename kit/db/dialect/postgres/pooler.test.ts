import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createLog, Problem, parseConfig } from '#kit/core'
import { hasPgbouncer, onDialect, type Pgbouncer, startPgbouncer } from '#kit/testing'
import { openDatabase } from '../../open-database.ts'
import type { Database } from '../../types.ts'

const statement = (sql: string) => Object.freeze({ sql, slots: [] })
const insert = statement('INSERT INTO t (id, n, at, data) VALUES ($1, $2, $3, $4) RETURNING n')
const select = statement('SELECT id, n, at, data FROM t WHERE id = $1')
const at = '2026-03-08T09:30:00.123Z'

describe.skipIf(!hasPgbouncer())('through pgbouncer, in transaction mode', () => {
  onDialect('postgres', 'a pooled URL', (dialect) => {
    let pooler: Pgbouncer
    let url: string
    const opened: Database[] = []
    beforeAll(async () => {
      const { config } = await dialect.create()
      if (config.dialect !== 'postgres') throw new TypeError('Not PostgreSQL.')
      const direct = new URL(config.url)
      pooler = await startPgbouncer(Number(direct.port))
      direct.port = String(pooler.port)
      url = direct.href
    }, 30_000)
    afterAll(async () => {
      for (const database of opened) await database.close()
      await pooler.own.stop()
    })
    const open = async (parameters: string) => {
      const parsed = parseConfig({ DATABASE_URL: `${url}?sslmode=disable&${parameters}` })
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
      const database = await openDatabase(parsed.value.database, { log: createLog('silent') })
      opened.push(database)
      return database
    }
    /** More clients than the pooler has server processes, each using the same statements. */
    const work = (database: Database, from: number) =>
      Promise.all(
        Array.from({ length: 60 }, async (_, index) => {
          const id = from + index
          await database.write('test', async (unit) => {
            await unit.all(insert, [id, id, at, null])
            await unit.execute('SELECT pg_sleep(0.001)')
            await unit.all(select, [id])
          })
          return database.reader.all(select, [id])
        }),
      )

    test('works as a direct one does', async () => {
      const database = await open('pgbouncer=true')
      await database.exclusively(async (executor) => {
        await executor.execute('BEGIN')
        await executor.execute(
          'CREATE TABLE t (id bigint PRIMARY KEY, n bigint, at timestamptz(3), data jsonb)',
        )
        await executor.execute('COMMIT')
      })
      const rows = (await work(database, 0)).flat()
      expect(rows).toHaveLength(60)
      expect(rows[7]).toEqual({ id: 7, n: 7, at, data: null })
    })

    test('cannot be listened on, says so, and is not harmed', async () => {
      const database = await open('pgbouncer=true')
      const watching = async () => database.watch({ onCommitted: () => {}, onGap: () => {} })
      const refusal = await watching().catch((error: unknown) => error)
      expect(refusal).toBeInstanceOf(Problem)
      expect((refusal as Problem).kind.code).toBe('unavailable')
      expect(await database.reader.execute('SELECT 1 AS one')).toEqual([{ one: 1 }])
    }, 20_000)

    test('keeps exclusive work apart', async () => {
      const [one, two] = [await open('pgbouncer=true'), await open('pgbouncer=true')]
      const order: string[] = []
      const alone = (database: Database) =>
        database.exclusively(async (executor) => {
          order.push('begins')
          for (let turn = 0; turn < 3; turn += 1) await executor.execute('SELECT pg_sleep(0.01)')
          order.push('ends')
        })
      await Promise.all([alone(one), alone(two), alone(one)])
      expect(order).toEqual(['begins', 'ends', 'begins', 'ends', 'begins', 'ends'])
    })

    test('taken for a direct one fails, which shows that the tests can', async () => {
      const fault = await open('pgbouncer=false')
        .then((database) => work(database, 1000))
        .catch((error: unknown) => error)
      expect(fault).toBeInstanceOf(Problem)
      expect((fault as Problem).detail).toMatch(/pgbouncer=true/)
    })
  })
})
