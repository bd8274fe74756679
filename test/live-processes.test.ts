import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { DatabaseConfig } from '#kit/core'
import { onDialect } from '#kit/testing'
import { listenLive } from './live-client.ts'
import {
  call,
  makeHome,
  quickServer,
  register,
  type ServerProcess,
  startServer,
} from './server-process.ts'

const admin = { username: 'admin', password: 'admin2025' }
const secret = 'one secret for all of the processes of a test'

function environmentOf(database: DatabaseConfig) {
  return {
    DATABASE_URL: database.dialect === 'postgres' ? database.url : '',
    HOST: '127.0.0.1',
    PORT: '0',
    PLINTH_ENV: 'test',
    JWT_SECRET_KEY: secret,
    REGISTRATION_LIMIT: '1000',
  }
}

onDialect('postgres', 'live updates of processes on one database', (dialect) => {
  let servers: readonly ServerProcess[] = []
  let environment: Readonly<Record<string, string>> = {}
  const at = (number: number) => servers[number]?.url ?? ''
  const start = () => startServer(environment, { words: quickServer })
  const create = (number: number, token: string, title: string) =>
    call(at(number), 'POST /api/me/tasks', { token, body: { title } })
  beforeAll(async () => {
    environment = environmentOf((await dialect.create()).config)
    servers = await Promise.all([start(), start()])
  }, 60_000)
  afterAll(() => Promise.all(servers.map((server) => server.end('SIGTERM'))))

  test('what one commits is told by the other; who comes back goes to either', async () => {
    const { token } = await register(at(0), 'both')
    const client = await listenLive(at(1), { token, models: 'task' })
    expect((await client.next())?.event).toBe('ready')
    const titles = ['one', 'two', 'three']
    for (const [number, title] of titles.entries()) await create(number % 2, token, title)
    const heard = [await client.next(), await client.next(), await client.next()]
    expect(heard.map((event) => event?.data)).toMatchObject(
      titles.map((title) => ({ row: { title } })),
    )
    const there = await listenLive(at(0), { token, models: 'task' })
    await there.next()
    await create(1, token, 'four')
    const fourth = await client.next()
    expect((await there.next())?.id).toBe(fourth?.id ?? '')
    await client.leave()
    await create(1, token, 'five')
    const back = await listenLive(at(0), { token, models: 'task', lastEventId: fourth?.id ?? '' })
    expect((await back.next())?.data).toEqual({ resumed: true })
    expect((await back.next())?.data).toMatchObject({ row: { title: 'five' } })
    await Promise.all([there.leave(), back.leave()])
  })

  test('a log-out and a deactivation elsewhere end them', async () => {
    const [leaving, banned] = [await register(at(0), 'leaving'), await register(at(0), 'banned')]
    const clients = await Promise.all(
      [leaving, banned].map(({ token }) => listenLive(at(1), { token, models: 'task' })),
    )
    for (const client of clients) await client.next()
    await call(at(0), 'POST /api/auth/logout', { token: leaving.token })
    expect(await clients[0]?.next()).toBeUndefined()
    const root = await call<{ token: string }>(at(0), 'POST /api/auth/login', { body: admin })
    await call(at(0), `PATCH /api/admin/users/${banned.user.id}`, {
      token: root.body.token,
      body: { is_active: false },
    })
    expect(await clients[1]?.next()).toBeUndefined()
  })

  test('what a process has committed that is killed then is told all the same', async () => {
    const { token } = await register(at(0), 'survivor')
    const client = await listenLive(at(1), { token, models: 'task' })
    await client.next()
    const doomed = await start()
    await call(doomed.url, 'POST /api/me/tasks', { token, body: { title: 'last words' } })
    await doomed.end('SIGKILL')
    expect((await client.next())?.data).toMatchObject({ row: { title: 'last words' } })
    await client.leave()
  }, 20_000)
})

describe('a server that stops', () => {
  test('ends live updates, and does not wait for anybody', async () => {
    const home = await makeHome()
    const server = await startServer({ ...home.environment }, { words: quickServer })
    const { token } = await register(server.url, 'listener')
    const client = await listenLive(server.url, { token, models: 'task,item' })
    await client.next()
    expect(await server.end('SIGTERM')).toBe(0)
    expect(await client.next()).toBeUndefined()
    expect(server.logged()).not.toContain('cut off')
    await home.remove()
  }, 20_000)

  test('on a file, what another process commits makes listeners read anew', async () => {
    const home = await makeHome()
    const environment = { ...home.environment, JWT_SECRET_KEY: secret }
    const [one, other] = [
      await startServer(environment, { words: quickServer }),
      await startServer(environment, { words: quickServer }),
    ]
    const { token } = await register(one.url, 'reader')
    const client = await listenLive(one.url, { token, models: 'task' })
    await client.next()
    await call(other.url, 'POST /api/me/tasks', { token, body: { title: 'elsewhere' } })
    expect(await client.next()).toMatchObject({ event: 'reset', data: { models: ['task'] } })
    await call(other.url, 'POST /api/auth/logout', { token })
    for (let event = await client.next(); event; event = await client.next())
      expect(event.event).toBe('reset')
    await Promise.all([one.end('SIGTERM'), other.end('SIGTERM')])
    await home.remove()
  }, 20_000)
})
