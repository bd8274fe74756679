import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { DatabaseConfig } from '#kit/core'
import { createLog } from '#kit/core'
import { openDatabase } from '#kit/db'
import { onDialect } from '#kit/testing'
import {
  call,
  quickServer,
  register,
  type ServerProcess,
  type Session,
  startServer,
} from './server-process.ts'

const password = 'correct horse battery'
const admin = { username: 'admin', password: 'admin2025' }

function environmentOf(database: DatabaseConfig) {
  return {
    DATABASE_URL: database.dialect === 'postgres' ? database.url : '',
    HOST: '127.0.0.1',
    PORT: '0',
    PLINTH_ENV: 'test',
    JWT_SECRET_KEY: 'one secret for all of the processes of a test',
    REGISTRATION_LIMIT: '1000',
    // Then a test is an address of its own, with places of its own to guess from.
    TRUST_PROXY: '1',
  }
}

async function rowsOf(config: DatabaseConfig, sql: string) {
  const database = await openDatabase(config, { log: createLog('silent') })
  const rows = await database.reader.execute(sql)
  await database.close()
  return rows
}

function counted(values: readonly (number | string)[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}

onDialect('postgres', 'processes on one database', (dialect) => {
  describe.each([2, 8])('%d of them', (count) => {
    let config: DatabaseConfig
    let servers: readonly ServerProcess[] = []
    const at = (number: number) => servers[number % count]?.url ?? ''
    /** The same request at every process, all at once. */
    const everywhere = async (line: string, given: Parameters<typeof call>[2] = {}) =>
      (await Promise.all(servers.map(({ url }) => call(url, line, given)))).map(
        ({ status }) => status,
      )
    const all = (status: number) => servers.map(() => status)
    const logIn = (url: string, body: object, address = '192.0.2.1') =>
      call<Session>(url, 'POST /api/auth/login', {
        body,
        headers: { 'x-forwarded-for': address },
      })

    beforeAll(async () => {
      config = (await dialect.create()).config
      const environment = environmentOf(config)
      servers = await Promise.all(
        Array.from({ length: count }, () => startServer(environment, { words: quickServer })),
      )
    }, 60_000)
    afterAll(async () => {
      const codes = await Promise.all(servers.map((server) => server.end('SIGTERM')))
      expect(codes).toEqual(all(0))
    })

    test('started at once, they migrate once and make one admin', async () => {
      const migrations = await rowsOf(config, 'SELECT * FROM plinth_migrations')
      expect(new Set(migrations.map(({ batch }) => batch))).toEqual(new Set([1]))
      const names = migrations.map(({ set, name }) => `${set}/${name}`)
      expect(names.length).toBe(new Set(names).size)
      expect(await rowsOf(config, "SELECT username FROM users WHERE role = 'admin'")).toEqual([
        { username: 'admin' },
      ])
      const made = servers.filter((server) => server.logged().includes('first admin was made'))
      expect(made).toHaveLength(1)
    })

    test('a log-out counts at once', async () => {
      const { token } = await register(at(0), 'leaver')
      expect(await everywhere('GET /api/auth/me', { token })).toEqual(all(200))
      expect((await call(at(0), 'POST /api/auth/logout', { token })).status).toBe(200)
      expect(await everywhere('GET /api/auth/me', { token })).toEqual(all(401))
    })

    test('a deactivation and a change of role count at once', async () => {
      const { token: root } = (await logIn(at(1), admin)).body
      const { token, user } = await register(at(0), 'changing')
      const change = (number: number, body: object) =>
        call(at(number), `PATCH /api/admin/users/${user.id}`, { token: root, body })
      expect(await everywhere('GET /api/admin/users', { token })).toEqual(all(403))
      expect((await change(1, { role: 'admin' })).status).toBe(200)
      expect(await everywhere('GET /api/admin/users', { token })).toEqual(all(200))
      expect((await change(2, { role: 'user' })).status).toBe(200)
      expect(await everywhere('GET /api/admin/users', { token })).toEqual(all(403))
      expect((await change(3, { is_active: false })).status).toBe(200)
      expect(await everywhere('GET /api/auth/me', { token })).toEqual(all(401))
    })

    test('a change of password ends the other sessions at once', async () => {
      const { token } = await register(at(0), 'careful')
      const other = (await logIn(at(1), { username: 'careful', password })).body.token
      expect(await everywhere('GET /api/auth/me', { token: other })).toEqual(all(200))
      const body = { current_password: password, new_password: 'staple battery horse' }
      expect((await call(at(0), 'POST /api/auth/change-password', { token, body })).status).toBe(
        200,
      )
      expect(await everywhere('GET /api/auth/me', { token: other })).toEqual(all(401))
      expect(await everywhere('GET /api/auth/me', { token })).toEqual(all(200))
      expect((await logIn(at(1), { username: 'careful', password })).status).toBe(401)
    })

    test('guesses are counted together, one after the other', async () => {
      await register(at(0), 'guessed')
      const guess = { username: 'guessed', password: 'wrong' }
      const statuses: number[] = []
      for (let number = 0; number < 6; number += 1)
        statuses.push((await logIn(at(number), guess, '192.0.2.2')).status)
      expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
      const right = await logIn(at(1), { username: 'guessed', password }, '192.0.2.2')
      expect(right.status).toBe(429)
      expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(800)
    })

    test('guesses are counted together, all at once', async () => {
      await register(at(0), 'stormed')
      const guess = { username: 'stormed', password: 'wrong' }
      const answers = await Promise.all(
        Array.from({ length: 24 }, (_, number) => logIn(at(number), guess, `198.51.100.${number}`)),
      )
      expect(counted(answers.map(({ status }) => status))).toEqual({ 401: 5, 429: 19 })
    })

    test("log-ins from one address do not stand in each other's way", async () => {
      const names = Array.from({ length: 16 }, (_, number) => `neighbour-${number}`)
      await Promise.all(names.map((name, number) => register(at(number), name)))
      const answers = await Promise.all(
        names.map((username, number) => logIn(at(number), { username, password }, '192.0.2.3')),
      )
      expect(counted(answers.map(({ status }) => status))).toEqual({ 200: 16 })
    })

    test('a request with a key that comes to all at once is done once', async () => {
      const { token } = await register(at(0), 'hasty')
      for (let round = 0; round < 5; round += 1) {
        const given = {
          token,
          body: { title: `round ${round}` },
          headers: { 'idempotency-key': `key ${round}` },
        }
        const answers = await Promise.all(
          servers.map(({ url }) => call(url, 'POST /api/me/tasks', given)),
        )
        const done = answers.filter(({ status }) => status === 201)
        expect(done.length).toBeGreaterThan(0)
        expect(new Set(done.map(({ body }) => body['id'])).size).toBe(1)
        expect(answers.filter(({ status }) => status !== 201 && status !== 409)).toEqual([])
        expect(await everywhere('POST /api/me/tasks', given)).toEqual(all(201))
      }
      const { body } = await call<unknown[]>(at(1), 'GET /api/me/tasks', { token })
      expect(body).toHaveLength(5)
    })

    test('a refresh token is good for one, wherever it is used, and its thief is thrown out', async () => {
      const renew = (number: number, refresh_token: string) =>
        call<Session>(at(number), 'POST /api/auth/refresh', { body: { refresh_token } })
      const first = await register(at(0), 'renewing')
      const second = await renew(1, first.refresh_token)
      expect(second.status).toBe(200)
      expect((await renew(0, second.body.refresh_token)).status).toBe(200)
      expect((await renew(1, second.body.refresh_token)).status).toBe(401)
      expect(await everywhere('GET /api/auth/me', { token: first.token })).toEqual(all(401))

      const { refresh_token } = await register(at(0), 'renewing-twice')
      const both = await Promise.all([renew(0, refresh_token), renew(1, refresh_token)])
      expect(counted(both.map(({ status }) => status))).toEqual({ 200: 1, 401: 1 })
      const { token } = both.find(({ status }) => status === 200)?.body ?? {}
      expect(await everywhere('GET /api/auth/me', token ? { token } : {})).toEqual(all(401))
    })

    test('a name is taken once', async () => {
      const body = { username: 'wanted', password }
      const statuses = await everywhere('POST /api/auth/register', { body })
      expect(counted(statuses)).toEqual({ 201: 1, 409: count - 1 })
    })
  })
})
