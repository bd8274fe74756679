import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createLog, Problem } from '#kit/core'
import { onDialect, type PostgresServer, startPostgres, until } from '#kit/testing'
import type { Database } from '../../types.ts'
import { openPostgres, type PostgresOptions } from './open.ts'

const insert = Object.freeze({ sql: 'INSERT INTO t (id) VALUES ($1)', slots: [] })

onDialect('postgres', 'a server that goes away under load', () => {
  let server: Required<PostgresServer>
  let database: Database
  beforeAll(async () => {
    server = await startPostgres()
    database = await openPostgres(
      { dialect: 'postgres', url: `${server.url}/postgres`, tls: 'off', poolMin: 1, poolMax: 5 },
      { log: createLog('silent'), acquireMs: 1000 },
    )
    await database.exclusively((executor) =>
      executor.execute('CREATE TABLE t (id bigint PRIMARY KEY)'),
    )
  }, 60_000)
  afterAll(async () => {
    await database.close()
    await server.own.stop()
  })

  let lastId = 0
  /** Writes and reads without pause until told to stop; what became of it. */
  const load = () => {
    let isOver = false
    const acknowledged = new Set<number>()
    const refused: unknown[] = []
    const client = async () => {
      while (!isOver) {
        lastId += 1
        const id = lastId
        try {
          await database.write('test', (unit) => unit.run(insert, [id]))
          acknowledged.add(id)
          await database.reader.execute('SELECT 1')
        } catch (error) {
          refused.push(error)
          // A refusal may come at once: then nothing else would ever have its turn, this test's end neither.
          await Bun.sleep(0)
        }
      }
    }
    const clients = Array.from({ length: 10 }, client)
    return {
      acknowledged,
      refused,
      untilWritten: (count: number) => until(`${count} writes`, () => acknowledged.size > count),
      stop: async () => {
        isOver = true
        await Promise.all(clients)
      },
    }
  }

  const loseAndRegain = async (signal: 'INT' | 'QUIT') => {
    const { acknowledged, refused, untilWritten, stop } = load()
    try {
      await untilWritten(100)
      server.own.end(signal)
      await until('a refusal', () => refused.length > 0)
      server.own.start()
      await untilWritten(acknowledged.size + 100)
    } finally {
      await stop()
    }
    return { acknowledged: [...acknowledged], refused }
  }

  for (const [name, signal] of [
    ['shut down', 'INT'],
    ['killed', 'QUIT'],
  ] as const)
    test(`${name}: loses nothing acknowledged, is unavailable meanwhile, is taken up again`, async () => {
      const { acknowledged, refused } = await loseAndRegain(signal)
      const codes = refused.map((error) => (error instanceof Problem ? error.kind.code : error))
      expect(new Set(codes)).toEqual(new Set(['unavailable']))
      const rows = await database.reader.execute('SELECT id FROM t')
      const kept = new Set(rows.map(({ id }) => id))
      expect(acknowledged.filter((id) => !kept.has(id))).toEqual([])
    }, 30_000)

  /** The same server, by another process that waits for other times. */
  const another = (options: Partial<PostgresOptions>) =>
    openPostgres(
      { dialect: 'postgres', url: `${server.url}/postgres`, tls: 'off', poolMin: 1, poolMax: 5 },
      { log: createLog('silent'), ...options },
    )

  test('restarted: whoever comes meanwhile waits for it, and nobody is told an error', async () => {
    const patient = await another({ bridgeMs: 20_000, acquireMs: 20_000 })
    server.own.end('INT')
    server.own.start()
    let isBack = false
    const reader = async () => {
      while (!isBack) await patient.reader.execute('SELECT 1')
    }
    const readers = Array.from({ length: 10 }, reader)
    const writers = Array.from({ length: 10 }, (_, id) =>
      patient.write('test', (unit) => unit.run(insert, [-100 - id])),
    )
    await Promise.all(writers).finally(() => {
      isBack = true
    })
    await Promise.all(readers)
    await patient.close()
  }, 30_000)

  test('away: nobody waits for it once that is known, and back it is found without being asked', async () => {
    // Whoever waited after all would wait until the test is out of time.
    const hasty = await another({ bridgeMs: 50, acquireMs: 3_600_000 })
    const refusal = () =>
      Promise.resolve(hasty.reader.execute('SELECT 1')).then(
        () => undefined,
        (error: Problem) => error,
      )
    server.own.end('INT')
    await until('a refusal', async () => (await refusal()) !== undefined)
    for (let turn = 0; turn < 20; turn += 1)
      expect(await refusal()).toMatchObject({
        kind: { code: 'unavailable' },
        detail: 'The database does not answer. Try again.',
        headers: { 'Retry-After': '1' },
      })
    expect(
      await hasty
        .write('test', (unit) => unit.run(insert, [-200]))
        .catch((error: Problem) => error.kind.code),
    ).toBe('unavailable')
    server.own.start()
    await until('the server to be back', async () => !(await refusal()))
    await hasty.close()
  }, 20_000)

  // One after the other they would take longer than the test may.
  test('away: all who were cut off are told so together, as are all who come', async () => {
    let open = () => {}
    const opened = new Promise<void>((resolve) => {
      open = resolve
    })
    const write = (id: number) =>
      database.write('test', async (unit) => {
        await unit.run(insert, [id])
        await opened
        await unit.execute('SELECT 1')
      })
    const codeOf = (work: Promise<unknown>) =>
      work.then(
        () => 'done',
        (error: unknown) => (error instanceof Problem ? error.kind.code : error),
      )
    const writing = Array.from({ length: 30 }, (_, id) => codeOf(write(-1 - id)))
    await database.ping().catch(() => {})
    server.own.end('INT')
    open()
    const reading = Array.from({ length: 30 }, () => codeOf(database.ping()))
    const codes = await Promise.all([...writing, ...reading])
    expect(codes.filter((code) => code !== 'unavailable' && code !== 'done')).toEqual([])
    expect(codes).toContain('unavailable')
    server.own.start()
  })
})
