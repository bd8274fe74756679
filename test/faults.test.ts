import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createLog } from '#kit/core'
import { type Database, openDatabase } from '#kit/db'
import { onDialect, type PostgresServer, startPostgres, until } from '#kit/testing'
import { expectTrail } from './audit-trail.ts'
import {
  call,
  quickServer,
  register,
  runServer,
  type ServerProcess,
  startServer,
} from './server-process.ts'
import { allTasks, askFor, runClients, type Wish } from './task-load.ts'

const common = {
  HOST: '127.0.0.1',
  PORT: '0',
  PLINTH_ENV: 'test',
  JWT_SECRET_KEY: 'one secret for all of the servers of a test',
}

onDialect('postgres', 'a database that fails', () => {
  let server: Required<PostgresServer>
  let operator: Database

  beforeAll(async () => {
    server = await startPostgres({
      access: `
host all shop all scram-sha-256
host all postgres all trust
`,
    })
    const url = `${server.url}/postgres`
    operator = await openDatabase(
      { dialect: 'postgres', url, tls: 'off', poolMin: 1, poolMax: 2 },
      { log: createLog('silent') },
    )
    await operator.exclusively(async (executor) => {
      await executor.execute("CREATE ROLE shop LOGIN PASSWORD 'right'")
    })
  }, 60_000)
  afterAll(async () => {
    await operator.close()
    await server.own.stop()
  })

  let databases = 0
  /** A server on a database of its own. */
  const open = async (more: Readonly<Record<string, string>> = {}): Promise<ServerProcess> => {
    databases += 1
    const name = `shop_${databases}`
    await operator.exclusively((executor) => executor.execute(`CREATE DATABASE ${name}`))
    const url = `${server.url}/${name}?application_name=tested`
    return startServer({ ...common, DATABASE_URL: url, ...more }, { words: quickServer })
  }
  const cut = () =>
    operator.reader.execute(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tested'",
    )

  describe('keeps a server from starting, in one line,', () => {
    const address = () => server.url.replace('postgres://postgres@', '')
    const cases: Readonly<Record<string, readonly [() => string, RegExp]>> = {
      'for a wrong password': [
        () => `shop:wrong-secret@${address()}/postgres`,
        /refuses the password of "shop"/,
      ],
      'for a host that is not there': [
        () => 'shop:wrong-secret@no-such-host.invalid/postgres?connect_timeout=1',
        /host "no-such-host.invalid" is not known/,
      ],
      'for a port where nothing is': [
        () => 'shop:wrong-secret@127.0.0.1:1/postgres?connect_timeout=1',
        /Nothing answers at 127.0.0.1:1/,
      ],
      'for a database that is not there': [
        () => `postgres:wrong-secret@${address()}/nowhere`,
        /no database "nowhere".*plinth db init/,
      ],
      'for TLS that is refused': [
        () => `postgres:wrong-secret@${address()}/postgres?sslmode=require`,
        /knows no TLS.*sslmode/,
      ],
    }
    test.each(Object.keys(cases))(
      '%s',
      async (name) => {
        const [url, line] = cases[name] ?? [() => '', /never/]
        const { exitCode, printed, logged } = await runServer({
          ...common,
          DATABASE_URL: `postgresql+asyncpg://${url()}`,
        })
        expect({ exitCode, printed }).toEqual({ exitCode: 1, printed: '' })
        expect(logged).toMatch(line)
        expect(logged).not.toContain('wrong-secret')
        expect(logged.trimEnd().split('\n')).toHaveLength(1)
      },
      15_000,
    )
  })

  test('idle connections that are cut cost nobody an error', async () => {
    const app = await open()
    const { token } = await register(app.url, 'ada')
    for (let turn = 0; turn < 5; turn += 1) {
      const body = { title: `turn ${turn}` }
      const warm = Array.from({ length: 10 }, () =>
        call(app.url, 'POST /api/me/tasks', { token, body }),
      )
      await Promise.all(warm)
      await cut()
      const read = await Promise.all(
        Array.from({ length: 10 }, () => call(app.url, 'GET /api/me/tasks', { token })),
      )
      await cut()
      const written = await Promise.all(
        Array.from({ length: 10 }, () => call(app.url, 'POST /api/me/tasks', { token, body })),
      )
      const statuses = [...read, ...written].map(({ status }) => status)
      expect(new Set(statuses)).toEqual(new Set([200, 201]))
    }
    expect(await app.end('SIGTERM')).toBe(0)
  }, 20_000)

  test('an exhausted pool is 503 with Retry-After, never a hang, and passes', async () => {
    const app = await open({ DATABASE_POOL_MAX: '2' })
    const { token } = await register(app.url, 'ada')
    const name = `shop_${databases}`
    const holder = await openDatabase(
      { dialect: 'postgres', url: `${server.url}/${name}`, tls: 'off', poolMin: 1, poolMax: 1 },
      { log: createLog('silent') },
    )
    const post = (title: string) => call(app.url, 'POST /api/me/tasks', { token, body: { title } })
    let held: Promise<unknown>[] = []
    await holder.write('hold', async (unit) => {
      await unit.execute('LOCK TABLE tasks IN ACCESS EXCLUSIVE MODE')
      held = [post('first'), post('second')]
      const waiting =
        "SELECT 1 FROM pg_stat_activity WHERE application_name = 'tested' AND wait_event_type = 'Lock'"
      await until('both to wait', async () => (await operator.reader.execute(waiting)).length === 2)
      const refused = await Promise.all([
        call(app.url, 'GET /api/auth/me', { token }),
        post('third'),
        call(app.url, 'GET /readyz'),
      ])
      for (const { status, headers, body } of refused) {
        expect(status).toBe(503)
        expect(headers.get('retry-after')).toMatch(/^\d+$/)
        expect(body['code']).toBe('unavailable')
      }
      expect((await call(app.url, 'GET /health')).status).toBe(200)
    })
    expect((await Promise.all(held)).map((reply) => (reply as { status: number }).status)).toEqual([
      201, 201,
    ])
    expect((await call(app.url, 'GET /readyz')).status).toBe(200)
    const { body } = await call<unknown[]>(app.url, 'GET /api/me/tasks', { token })
    expect(body).toHaveLength(2)
    await holder.close()
    expect(await app.end('SIGTERM')).toBe(0)
  }, 20_000)

  test('away, it makes the server unready but not unhealthy; back, all is well', async () => {
    const app = await open()
    const { token } = await register(app.url, 'ada')
    expect((await call(app.url, 'GET /readyz')).status).toBe(200)
    server.own.end('INT')
    const ready = await untilUnready(app.url)
    expect(ready.headers.get('retry-after')).toMatch(/^\d+$/)
    expect((await call(app.url, 'GET /health')).status).toBe(200)
    const meanwhile = call(app.url, 'GET /api/auth/me', { token })
    server.own.start()
    // Whoever comes shortly before it is back waits for it.
    expect([200, 503]).toContain((await meanwhile).status)
    const isReady = async () => (await call(app.url, 'GET /readyz')).status === 200
    await until('the server to be ready', isReady)
    expect((await call(app.url, 'GET /api/auth/me', { token })).status).toBe(200)
    expect(await app.end('SIGTERM')).toBe(0)
  }, 30_000)

  test('restarted under load, it loses nothing it acknowledged and doubles nothing', async () => {
    const app = await open()
    const { token } = await register(app.url, 'ada')
    const statuses = new Set<number>()
    let isOver = false
    let done = 0
    const send = async (wish: Wish) => {
      const reply = await askFor(app.url, token, wish)
      statuses.add(reply.status)
      if (reply.status === 201) wish.id = reply.body.id
      if (reply.status === 503) expect(reply.body).toMatchObject({ code: 'unavailable' })
      return reply.status === 201
    }
    const ask = async (wish: Wish) => {
      if (await send(wish)) done += 1
      return !isOver
    }
    const running = runClients({ count: 12, name: 'restarted', ask })
    const untilDone = (count: number) => until(`${count} writes`, () => done >= count)
    // Once as an operator does it, once as a crash.
    const restartTwice = async () => {
      for (const signal of ['INT', 'QUIT'] as const) {
        await untilDone(done + 100)
        server.own.end(signal)
        await Bun.sleep(200)
        server.own.start()
        await untilDone(done + 100)
      }
    }
    await restartTwice().finally(() => {
      isOver = true
    })
    const wishes = await running
    // Beyond these there may be 409: the key of a wish is sent but once.
    expect([...statuses].filter((status) => status !== 201 && status !== 503)).toEqual([])

    // Whoever was told nothing certain asks again, and then all is there once.
    for (const wish of wishes.filter(({ id }) => id === undefined))
      expect(await send(wish)).toBe(true)
    const kept = await allTasks(app.url, token)
    expect(kept.length).toBe(wishes.length)
    const ids = new Map(kept.map(({ id, title }) => [title, id]))
    expect(wishes.filter(({ title, id }) => ids.get(title) !== id)).toEqual([])
    expect(await app.end('SIGTERM')).toBe(0)
    const url = `${server.url}/shop_${databases}`
    await expectTrail({ dialect: 'postgres', url, tls: 'off', poolMin: 1, poolMax: 1 })
  }, 40_000)
})

async function untilUnready(url: string) {
  let reply = await call(url, 'GET /readyz')
  await until('the server to be unready', async () => {
    reply = await call(url, 'GET /readyz')
    return reply.status !== 200
  })
  expect(reply.status).toBe(503)
  return reply
}
