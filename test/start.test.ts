import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eachDialect } from '#kit/testing'
import { call, makeHome, register, runServer, startServer } from './server-process.ts'
import { root } from './source-files.ts'

type Environment = Readonly<Record<string, string>>
type Home = Awaited<ReturnType<typeof makeHome>>
let home: Home

beforeAll(async () => {
  home = await makeHome()
})
afterAll(() => home.remove())

eachDialect('a start', (dialect) => {
  let environment: Environment
  beforeAll(async () => {
    const { config } = await dialect.create()
    environment = {
      ...home.environment,
      DATABASE_URL: 'file' in config ? `sqlite:///${config.file}` : config.url,
      JWT_SECRET_KEY: 'a secret for tests, long enough to be taken as one',
    }
  })

  test('says one line and is ready; tasks and token outlive a restart; SIGTERM ends it with 0', async () => {
    const first = await startServer(environment)
    expect(first.printed().trimEnd().split('\n')).toHaveLength(1)
    expect((await call(first.url, 'GET /health')).body).toEqual({ status: 'healthy' })
    expect((await call(first.url, 'GET /readyz')).status).toBe(200)

    const { token, user } = await register(first.url, 'ada')
    const other = await register(first.url, 'bob')
    const tasks = `/api/${user.id}/tasks`
    const made = await call(first.url, `POST ${tasks}`, { token, body: { title: 'Write' } })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({ title: 'Write', description: null, completed: false })
    const id = String(made.body['id'])
    const foreign = await call(first.url, `GET ${tasks}`, { token: other.token })
    expect(foreign.status).toBe(403)
    const strange = await call(first.url, `GET /api/me/tasks/${id}`, { token: other.token })
    expect(strange.status).toBe(404)
    expect(await first.end('SIGTERM')).toBe(0)

    const second = await startServer(environment)
    const listed = await call<{ title: string }[]>(second.url, `GET ${tasks}`, { token })
    expect(listed.body.map((task) => task.title)).toEqual(['Write'])
    const toggled = await call(second.url, `PATCH ${tasks}/${id}/complete`, { token })
    expect(toggled.body).toMatchObject({ completed: true })
    const changed = await call(second.url, `PUT ${tasks}/${id}`, { token, body: { title: 'Read' } })
    expect(changed.body).toMatchObject({ title: 'Read', completed: true })
    const removed = await call(second.url, `DELETE ${tasks}/${id}`, { token })
    expect(removed.body).toEqual({ message: 'Task deleted' })
    expect((await call(second.url, `GET ${tasks}/${id}`, { token })).status).toBe(404)
    expect(await second.end('SIGINT')).toBe(0)
  }, 20_000)

  test('answers the requests under way before it ends', async () => {
    const server = await startServer(environment)
    const { token } = await register(server.url, 'eve')
    const writes = Array.from({ length: 50 }, (_, number) =>
      call(server.url, 'POST /api/me/tasks', { token, body: { title: `task ${number}` } }).then(
        ({ status }) => status,
        () => undefined,
      ),
    )
    const firstAnswer = await Promise.race(writes)
    expect(firstAnswer).toBe(201)
    expect(await server.end('SIGTERM')).toBe(0)
    const answers = await Promise.all(writes)
    const told = answers.filter((status) => status === 201).length
    const again = await startServer(environment)
    const kept = await call<unknown[]>(again.url, 'GET /api/me/tasks?limit=100', { token })
    expect(kept.body.length).toBeGreaterThanOrEqual(told)
    await again.end('SIGTERM')
  }, 20_000)
})

test('a start keeps the secret it made to itself', async () => {
  const server = await startServer(home.environment)
  expect(await server.end('SIGTERM')).toBe(0)
  const names = [...new Bun.Glob('**').scanSync({ cwd: home.folder, dot: true })]
  const secret = names.find((name) => name.endsWith('.secret')) ?? ''
  expect(names).toContain(secret)
  expect((await stat(join(home.folder, secret))).mode & 0o777).toBe(0o600)
})

describe('production', () => {
  test('without secrets it names every fault at once and does not listen', async () => {
    const other = await makeHome()
    const { exitCode, printed, logged } = await runServer({
      ...other.environment,
      PLINTH_ENV: 'production',
      ADMIN_PASSWORD: 'admin2025',
      BETTER_AUTH_SECRET: 'short',
    })
    expect(exitCode).toBe(1)
    expect(printed).toBe('')
    for (const variable of ['JWT_SECRET_KEY', 'ADMIN_PASSWORD', 'BETTER_AUTH_SECRET'])
      expect(logged).toContain(variable)
    expect(existsSync(join(other.folder, 'data', 'app.db'))).toBe(false)
    await other.remove()
  }, 10_000)

  test('with good secrets it starts, hides its documents and prints a made password once', async () => {
    const other = await makeHome()
    const environment = {
      ...other.environment,
      PLINTH_ENV: 'production',
      JWT_SECRET_KEY: 'u7Zq1xW0cQm4Yb8nTgR2vLpKd5sHfJe9',
    }
    const server = await startServer(environment)
    expect((await call(server.url, 'GET /openapi.json')).status).toBe(404)
    const health = await call(server.url, 'GET /health')
    expect(health.headers.get('strict-transport-security')).toContain('max-age=')
    expect(await server.end('SIGTERM')).toBe(0)
    const said = server.printed() + server.logged()
    const again = await startServer(environment)
    await again.end('SIGTERM')
    expect(said).toMatch(/password/i)
    expect(again.printed() + again.logged()).not.toMatch(/password/i)
    await other.remove()
  }, 20_000)
})

/** A folder with an app.ts of its own, its kit this one. */
async function makeApp(folder: string, routes: string): Promise<string> {
  const app = join(folder, 'broken-app')
  await mkdir(join(app, 'migrations'), { recursive: true })
  const door = (part: string) => join(root, 'kit', part, 'index.ts')
  await writeFile(
    join(app, 'app.ts'),
    `import { z } from '${join(root, 'node_modules/zod/index.js')}'
import { defineRoute } from '${door('http')}'
import { createApp, defineTool } from '${door('tool')}'
const result = z.object({})
const handle = () => ({})
const routes = [
${routes}
]
const tool = defineTool({ name: 'broken', models: [], routes, migrations: '${app}/migrations' })
export const app = createApp({ name: 'broken', version: '1.0.0', tools: [tool] })
`,
  )
  return app
}

describe('refuses to start, with one clear line,', () => {
  test('for routes that clash, naming file and line of each', async () => {
    const app = await makeApp(
      home.folder,
      `  defineRoute({ name: 'a.one', summary: 'A', access: 'anyone', method: 'GET', path: '/api/one', result, handle }),
  defineRoute({ name: 'a.two', summary: 'A', access: 'anyone', method: 'GET', path: '/api/one', result, handle }),
  defineRoute({ name: 'a.three', summary: 'A', access: 'anyone', method: 'GET', path: '/api/api/one', result, handle }),`,
    )
    const { exitCode, printed, logged } = await runServer(home.environment, { app })
    expect(exitCode).toBe(1)
    expect(printed).toBe('')
    // The routes stand in the lines 7 to 9 of that file.
    expect(logged).toMatch(/app\.ts:8\b/)
    expect(logged).toMatch(/app\.ts:9\b/)
    expect(logged).not.toMatch(/\n\s+at /)
  }, 10_000)

  test('for a port in use', async () => {
    const server = await startServer(home.environment)
    const { exitCode, logged } = await runServer({
      ...home.environment,
      PORT: new URL(server.url).port,
    })
    expect(exitCode).toBe(1)
    expect(logged).toContain(new URL(server.url).port)
    expect(logged).not.toMatch(/\n\s+at /)
    await server.end('SIGTERM')
  }, 10_000)

  test('for a file that is no database, which it leaves as it is', async () => {
    const file = join(home.folder, 'letter.db')
    const text = 'Dear Ada, this is not a database. '.repeat(100)
    await writeFile(file, text)
    const { exitCode, logged } = await runServer({
      ...home.environment,
      DATABASE_URL: `sqlite:///${file}`,
    })
    expect(exitCode).toBe(1)
    expect(logged).toContain('letter.db')
    expect(logged).not.toMatch(/\n\s+at /)
    expect(await Bun.file(file).text()).toBe(text)
  }, 10_000)

  test('for a folder that cannot be made', async () => {
    await writeFile(join(home.folder, 'a-file'), '')
    const { exitCode, printed, logged } = await runServer({
      ...home.environment,
      DATABASE_URL: `sqlite:///${join(home.folder, 'a-file', 'app.db')}`,
    })
    expect(exitCode).toBe(1)
    expect(printed).toBe('')
    expect(logged).toContain('a-file')
    expect(logged).not.toMatch(/\n\s+at /)
  }, 10_000)

  // Root may write everywhere.
  test.skipIf(process.getuid?.() === 0)(
    'for a folder it may not write to',
    async () => {
      const folder = join(home.folder, 'locked')
      await mkdir(folder)
      await chmod(folder, 0o500)
      const { exitCode, logged } = await runServer({
        ...home.environment,
        DATABASE_URL: `sqlite:///${join(folder, 'app.db')}`,
      })
      expect(exitCode).toBe(1)
      expect(logged).toContain('locked')
    },
    10_000,
  )

  test('for a PostgreSQL server that is not there', async () => {
    const { exitCode, logged } = await runServer({
      ...home.environment,
      DATABASE_URL: 'postgresql://ada:secret-word@127.0.0.1:1/app?connect_timeout=1',
    })
    expect(exitCode).toBe(1)
    expect(logged).toContain('Nothing answers at 127.0.0.1:1. Start the PostgreSQL server')
    expect(logged).not.toContain('secret-word')
  }, 10_000)
})
