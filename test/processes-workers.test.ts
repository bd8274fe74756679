import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import type { DatabaseConfig } from '#kit/core'
import { onDialect, until } from '#kit/testing'
import {
  call,
  makeHome,
  plinthStart,
  register,
  runServer,
  type ServerProcess,
  startServer,
} from './server-process.ts'

const withWorkers = (count: number) => ({ words: [...plinthStart, '--workers', String(count)] })

/** The processes that a process has started. */
function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return text.split(' ').filter(Boolean).map(Number)
}

/** Never 0, which would send a signal to these tests and whoever runs them. */
function firstOf([pid]: readonly number[]): number {
  if (!pid) throw new Error('There is no process to send a signal to.')
  return pid
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Each on a connection of its own, which the system gives to one of the workers. */
const fresh = { connection: 'close' }

async function statusesOf(url: string, token: string): Promise<Set<number>> {
  const answers = Array.from({ length: 24 }, () =>
    call(url, 'GET /api/auth/me', { token, headers: fresh }),
  )
  return new Set((await Promise.all(answers)).map(({ status }) => status))
}

test('with SQLite, workers are refused with the reason, and a number must be one', async () => {
  const home = await makeHome()
  const refused = await runServer(home.environment, withWorkers(2))
  expect(refused).toMatchObject({ exitCode: 1, printed: '' })
  expect(refused.logged).toMatch(/^plinth: --workers: SQLite [^\n]+PostgreSQL database\.\n$/)
  const misused = await runServer(home.environment, withWorkers(0))
  expect(misused).toMatchObject({ exitCode: 2, printed: '' })
  await home.remove()
})

onDialect('postgres', 'workers', (dialect) => {
  const environmentOf = (database: DatabaseConfig) => ({
    DATABASE_URL: database.dialect === 'postgres' ? database.url : '',
    HOST: '127.0.0.1',
    PORT: '0',
    JWT_SECRET_KEY: 'one secret for all of the workers of a test',
    DATABASE_POOL_MAX: '2',
  })
  const start = async (count: number): Promise<ServerProcess> =>
    startServer(environmentOf((await dialect.create()).config), withWorkers(count))

  test('share the port, are replaced when they die, and end with 0', async () => {
    const server = await start(2)
    expect(server.printed()).toMatch(/^Plinth \S+ ready on \S+ \(.*, 2 processes\)\n$/)
    const before = childrenOf(server.pid)
    expect(before).toHaveLength(2)
    const { token } = await register(server.url, 'ada')
    expect(await statusesOf(server.url, token)).toEqual(new Set([200]))

    const victim = firstOf(before)
    process.kill(victim, 'SIGKILL')
    await until('the end of the worker', () => server.logged().includes('a worker ended'))
    expect(await statusesOf(server.url, token)).toEqual(new Set([200]))
    await until('another worker', () => childrenOf(server.pid).length === 2)
    expect(childrenOf(server.pid)).not.toContain(victim)

    expect((await call(server.url, 'POST /api/auth/logout', { token })).status).toBe(200)
    expect(await statusesOf(server.url, token)).toEqual(new Set([401]))

    const last = childrenOf(server.pid)
    const other = await runServer({
      DATABASE_URL: 'sqlite:////nowhere/app.db',
      HOST: '127.0.0.1',
      PORT: new URL(server.url).port,
    })
    expect(other.logged).toMatch(/PORT: Port \d+ is in use/)
    expect(await server.end('SIGTERM')).toBe(0)
    expect(last.filter(isAlive)).toEqual([])
    expect(server.logged().match(/Stopping/g)).toHaveLength(1)
  }, 20_000)

  test('each takes its part of what comes in', async () => {
    const server = await start(2)
    const children = childrenOf(server.pid)
    // While one is stopped by the system, what the other is dealt is answered, and the rest waits.
    const stopped = firstOf(children)
    process.kill(stopped, 'SIGSTOP')
    let answered = 0
    const asked = Array.from({ length: 40 }, async () => {
      await call(server.url, 'GET /health', { headers: fresh })
      answered += 1
    })
    try {
      await until('an answer', () => answered > 0)
      await Bun.sleep(200)
      expect(answered).toBeLessThan(40)
    } finally {
      process.kill(stopped, 'SIGCONT')
    }
    await Promise.all(asked)
    expect(answered).toBe(40)
    expect(await server.end('SIGINT')).toBe(0)
  }, 20_000)

  test('end with the one who started them, even if that is killed', async () => {
    const server = await start(2)
    const children = childrenOf(server.pid)
    expect(children.filter(isAlive)).toHaveLength(2)
    await server.end('SIGKILL')
    await until('the end of all', () => children.filter(isAlive).length === 0)
  }, 20_000)

  test('that cannot start are given up, with the reason told once', async () => {
    const { config } = await dialect.create()
    const environment = environmentOf(config)
    const { exitCode, printed, logged } = await runServer(
      { ...environment, DATABASE_URL: `${environment.DATABASE_URL}_not_there` },
      withWorkers(4),
    )
    expect({ exitCode, printed }).toEqual({ exitCode: 1, printed: '' })
    expect(logged.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^plinth: There is no database "\w+_not_there"/),
      'plinth: A worker did not start (exit code 1); its reason stands above.',
    ])
  }, 20_000)
})
