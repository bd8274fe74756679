import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '#kit/core'
import { openDatabase } from '#kit/db'
import { makeMigrations } from '#kit/migrate'
import { eachDialect } from '#kit/testing'
import { createNoteApp } from './fixture/note-app.ts'
import { listen } from './listen.ts'
import { loadConfig } from './load-config.ts'
import { toMigrationSets } from './migrate-at-start.ts'
import { openApp } from './open-app.ts'
import { StartError } from './start-error.ts'
import { type RunningServer, startServer } from './start-server.ts'
import { stopServer } from './stop-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'plinth-start-'))
const migrations = join(folder, 'migrations')
const app = createNoteApp(migrations)
const script = join(import.meta.dir, 'fixture/serve.ts')
const secret = 'k7Qw2ZrT9vLm4XcB8nHs1JdF6gPy3UaE'
let files = 0

beforeAll(async () => {
  await makeMigrations(toMigrationSets(app).slice(1), { message: 'initial' })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function newEnvironment(more: Record<string, string> = {}) {
  files++
  const file = join(folder, `${files}`, 'app.db')
  const environment = { DATABASE_URL: `sqlite:///${file}`, PORT: '0', HOST: '127.0.0.1', ...more }
  return { file, environment }
}

async function faultsOf(starting: Promise<RunningServer>): Promise<readonly string[]> {
  try {
    await (await starting).stop()
  } catch (error) {
    if (error instanceof StartError) return error.faults
    throw error
  }
  throw new Error('has started')
}

function post(url: string, text: string): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return fetch(url, { method: 'POST', headers, body: JSON.stringify({ text }) })
}

/** A process that serves, and its lines of standard output as they come. */
function spawnServer(environment: Record<string, string>) {
  const child = Bun.spawn([process.execPath, script, migrations], {
    env: { ...process.env, ...environment },
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: 60_000,
    killSignal: 'SIGKILL',
  })
  const lines = linesOf(child.stdout)
  return { child, nextLine: async () => (await lines.next()).value ?? '' }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = ''
  const decoder = new TextDecoder()
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = parts.pop() ?? ''
    yield* parts
  }
}

describe('startServer', () => {
  test('prints one line when it is ready, answers and stops', async () => {
    const { file, environment } = newEnvironment()
    const lines: string[] = []
    const server = await startServer(app, environment, { print: (line) => void lines.push(line) })
    expect(lines).toEqual([
      `Notebook 1.2.3 ready on ${server.url} (docs: /docs, database: ${file})`,
    ])
    expect((await fetch(`${server.url}/health`)).status).toBe(200)
    expect((await post(`${server.url}/api/notes`, 'milk')).status).toBe(201)
    await Promise.all([server.stop(), server.stop()])
    expect(existsSync(`${file}-wal`)).toBe(false)
    await expect(fetch(`${server.url}/health`)).rejects.toThrow()
  })

  test('in development the log names the models that are ahead of their migrations', async () => {
    const lines: string[] = []
    const log = createLog('warn', { write: (line) => void lines.push(line) })
    const unmade = createNoteApp(join(folder, 'none'))
    const environment = { ...newEnvironment().environment, PLINTH_ENV: 'development' }
    const server = await startServer(unmade, environment, { log, print: () => {} })
    await server.stop()
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/create_table notes.*plinth migrate make/)
  })

  test('a damaged snapshot is told and keeps nothing from running', async () => {
    const lines: string[] = []
    const log = createLog('warn', { write: (line) => void lines.push(line) })
    const damaged = join(folder, 'damaged')
    cpSync(migrations, damaged, { recursive: true })
    writeFileSync(join(damaged, 'snapshot.json'), '{')
    const environment = { ...newEnvironment().environment, PLINTH_ENV: 'development' }
    const server = await startServer(createNoteApp(damaged), environment, { log, print: () => {} })
    expect((await fetch(`${server.url}/health`)).status).toBe(200)
    await server.stop()
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/snapshot\.json.*not JSON/)
  })

  test('says which settings are too loose for production', async () => {
    const lines: string[] = []
    const log = createLog('warn', { write: (line) => void lines.push(line) })
    const { environment } = newEnvironment({ BETTER_AUTH_SECRET: secret })
    const server = await startServer(app, environment, { log, print: () => {} })
    await server.stop()
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/BETTER_AUTH_SECRET without AUTH_AUDIENCE/)
    expect(lines[0]).not.toContain(secret)
  })

  test('a request that does not end is cut off', async () => {
    const lines: string[] = []
    const log = createLog('warn', { write: (line) => void lines.push(line) })
    const { file, environment } = newEnvironment()
    const arrived = Promise.withResolvers<void>()
    const slow = createNoteApp(migrations, arrived.resolve)
    const config = loadConfig(environment)
    const opened = await openApp(slow, { config, log })
    const server = listen(opened.http, config)
    const answering = post(`${server.url}api/slow-notes`, 'milk').catch(() => 'cut off')
    await arrived.promise
    await stopServer(server, opened, { requestsMs: 10, databaseMs: 2000 })
    expect(await answering).toBe('cut off')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/"requests":1.*cut off/)
    expect(existsSync(`${file}-wal`)).toBe(false)
  })

  test('tells all faults at once, of configuration and declarations, and opens nothing', async () => {
    const { file, environment } = newEnvironment({ MIGRATE: 'never', TRUST_PROXY: '-1' })
    const [system, notes] = app.tools
    if (!system || !notes) throw new Error('no tools')
    const twice = { ...app, tools: [system, notes, notes] }
    const faults = await faultsOf(startServer(twice, environment))
    expect(faults.filter((fault) => fault.startsWith('MIGRATE: '))).toHaveLength(1)
    expect(faults.filter((fault) => fault.startsWith('TRUST_PROXY: '))).toHaveLength(1)
    expect(faults.filter((fault) => /note-app\.ts:\d+: Two tools have/.test(fault))).toHaveLength(1)
    expect(existsSync(file)).toBe(false)
  })

  test('what keeps the data from being opened is one fault', async () => {
    const { environment } = newEnvironment({ DATABASE_URL: 'sqlite:////proc/plinth/app.db' })
    const faults = await faultsOf(startServer(app, environment))
    expect(faults).toHaveLength(1)
    expect(faults[0]).toMatch(/cannot be written to/)
  })

  test('a port in use is told with the repair, and no data is made', async () => {
    const other = await occupy()
    const { port } = other.address() as { port: number }
    const { file, environment } = newEnvironment({ PORT: `${port}` })
    const faults = await faultsOf(startServer(app, environment))
    expect(faults).toHaveLength(1)
    expect(faults[0]).toMatch(new RegExp(`^PORT: Port ${port} is in use.*PORT=505`))
    expect(existsSync(file)).toBe(false)
    other.close()
  })

  test('an address of another machine is told with the repair', async () => {
    const { environment } = newEnvironment({ HOST: '203.0.113.7' })
    expect(await faultsOf(startServer(app, environment))).toEqual([
      'HOST: "203.0.113.7" is no address of this machine. Set 0.0.0.0 for all of its addresses, or 127.0.0.1 for itself alone.',
    ])
  })
})

function occupy(): Promise<Server> {
  const occupied = Promise.withResolvers<Server>()
  const server = createServer()
  server.listen(0, '127.0.0.1', () => occupied.resolve(server))
  return occupied.promise
}

eachDialect('a process that is stopped', (dialect) => {
  /** A server on a database of its own, and what a look into that finds. */
  const open = async () => {
    const { config } = await dialect.create()
    const url = 'file' in config ? `sqlite:///${config.file}` : config.url
    const { environment } = newEnvironment({ DATABASE_URL: url, JWT_SECRET_KEY: secret })
    const server = spawnServer(environment)
    const textsKept = async () => {
      const database = await openDatabase(config, { log: createLog('silent') })
      const rows = await database.reader.execute('SELECT text FROM notes')
      await database.close()
      return rows.map(({ text }) => text)
    }
    return { ...server, config, textsKept }
  }

  test('finishes the request in flight and its write, and takes no other', async () => {
    const { child, nextLine, config, textsKept } = await open()
    const url = /http:\S+/.exec(await nextLine())?.[0] ?? ''
    const answering = post(`${url}/api/slow-notes`, 'milk')
    expect(await nextLine()).toBe('at the gate')
    child.kill('SIGTERM')
    expect(await nextLine()).toBe('stopping')
    await expect(fetch(`${url}/health`)).rejects.toThrow()
    child.stdin.write('go\n')
    await child.stdin.flush()
    const answer = await answering
    expect(answer.status).toBe(201)
    expect(await answer.json()).toMatchObject({ text: 'milk' })
    expect(await nextLine()).toBe('stopped')
    expect(await child.exited).toBe(0)
    if ('file' in config) expect(existsSync(`${config.file}-wal`)).toBe(false)
    expect(await textsKept()).toEqual(['milk'])
  })

  test('answers all writes it has accepted', async () => {
    const { child, nextLine, textsKept } = await open()
    const url = /http:\S+/.exec(await nextLine())?.[0] ?? ''
    const texts = Array.from({ length: 200 }, (_, at) => `note ${at}`)
    let stop = () => void child.kill('SIGTERM')
    const answers = texts.map(async (text) => {
      const status = await post(`${url}/api/notes`, text).then(
        (response) => response.status,
        () => 'refused',
      )
      stop()
      stop = () => {}
      return { text, status }
    })
    const told = (await Promise.all(answers)).filter(({ status }) => status !== 'refused')
    expect(await child.exited).toBe(0)
    expect(new Set(told.map(({ status }) => status))).toEqual(new Set([201]))
    const kept = new Set<unknown>(await textsKept())
    expect(told.filter(({ text }) => !kept.has(text))).toEqual([])
  })

  test('exits with 1 and one line where it cannot start', async () => {
    const { environment } = newEnvironment({ PORT: 'http' })
    const { child } = spawnServer(environment)
    expect(await child.exited).toBe(1)
    expect(await new Response(child.stderr).text()).toMatch(/^PORT: "http" is no whole number.*\n$/)
  })
})
