import { Database as SqliteFile } from 'bun:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog, type ParsedConfig, Problem, parseConfig } from '#kit/core'
import { makeMigrations } from '#kit/migrate'
import type { App } from './create-app.ts'
import { createNoteApp } from './fixture/note-app.ts'
import { toMigrationSets } from './migrate-at-start.ts'
import { type OpenApp, openApp } from './open-app.ts'

const folder = mkdtempSync(join(tmpdir(), 'plinth-open-'))
const app = createNoteApp(join(folder, 'migrations'))
const log = createLog('silent')
let files = 0

beforeAll(async () => {
  await makeMigrations(toMigrationSets(app).slice(1), { message: 'initial' })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function newFile(): string {
  files++
  return join(folder, `${files}`, 'app.db')
}

function configOf(file: string, environment: Record<string, string> = {}): ParsedConfig {
  const parsed = parseConfig({ DATABASE_URL: `sqlite:///${file}`, ...environment })
  if (!parsed.ok) throw new Error('not a configuration')
  return parsed.value
}

const production = {
  PLINTH_ENV: 'production',
  JWT_SECRET_KEY: 'k7Qw2ZrT9vLm4XcB8nHs1JdF6gPy3UaE',
}

async function notesOf({ http }: OpenApp): Promise<string[]> {
  const response = await http.fetch(new Request('http://localhost/api/notes'))
  const notes = (await response.json()) as { text: string }[]
  return notes.map(({ text }) => text)
}

async function addNote({ http }: OpenApp, text: string): Promise<number> {
  const response = await http.fetch(
    new Request('http://localhost/api/notes', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text }),
    }),
  )
  return response.status
}

/** What keeps it from opening: the problem's text. */
async function refusalOf(opening: Promise<OpenApp>): Promise<string> {
  try {
    await (await opening).close()
  } catch (error) {
    if (error instanceof Problem) return error.detail
    throw error
  }
  throw new Error('was opened')
}

test('makes and migrates the database, and finds everything there the next time', async () => {
  const config = configOf(newFile())
  const first = await openApp(app, { config, log })
  expect(await addNote(first, 'milk')).toBe(201)
  const { secret } = first.context.config
  expect(secret.length).toBe(43)
  await first.close()
  const second = await openApp(app, { config, log })
  expect(await notesOf(second)).toEqual(['milk'])
  expect(second.context.config.secret).toBe(secret)
  await second.close()
})

test('closing leaves nothing but the database and its secret', async () => {
  const file = newFile()
  const opened = await openApp(app, { config: configOf(file), log })
  await addNote(opened, 'milk')
  await opened.close()
  expect(existsSync(`${file}-wal`)).toBe(false)
  const rows = new SqliteFile(file, { readonly: true }).query('SELECT text FROM notes').all()
  expect(rows).toEqual([{ text: 'milk' }])
})

describe('migrations', () => {
  test('an empty database is migrated in production too', async () => {
    const config = configOf(newFile(), production)
    const opened = await openApp(app, { config, log })
    expect(await opened.migrator.isCurrent()).toBe(true)
    await opened.close()
  })

  test('in production pending ones are refused and named with the command', async () => {
    const file = newFile()
    const old = await openApp(app, { config: configOf(file), log })
    await old.migrator.down(1)
    await old.close()
    const clock = { nowMs: () => Date.now() + 60_000 }
    const refusal = refusalOf(openApp(app, { config: configOf(file, production), log, clock }))
    expect(await refusal).toMatch(
      /lacks a migration: notes\/0001-initial.*plinth migrate up.*MIGRATE=auto/,
    )
  })

  test('MIGRATE=check refuses in development too; auto applies, in production too', async () => {
    const file = newFile()
    const old = await openApp(app, { config: configOf(file), log })
    await old.migrator.down(1)
    await old.close()
    const clock = { nowMs: () => Date.now() + 60_000 }
    const config = configOf(file, { MIGRATE: 'check' })
    expect(await refusalOf(openApp(app, { config, log, clock }))).toMatch(/notes\/0001-initial/)
    const auto = configOf(file, { ...production, MIGRATE: 'auto' })
    const opened = await openApp(app, { config: auto, log, clock })
    expect(await notesOf(opened)).toEqual([])
    await opened.close()
  })

  test('in production what destroys values is left to whoever names it', async () => {
    const migrations = join(folder, 'lossy')
    const lossy = createNoteApp(migrations)
    await makeMigrations(toMigrationSets(lossy).slice(1), { message: 'initial' })
    const file = newFile()
    const config = configOf(file, { ...production, MIGRATE: 'auto' })
    const opened = await openApp(lossy, { config, log })
    expect(await addNote(opened, 'one')).toBe(201)
    await opened.close()
    writeFileSync(
      join(migrations, '0002-less.json'),
      JSON.stringify({
        message: '',
        up: [{ op: 'drop_column', table: 'notes', name: 'text' }],
        down: [],
        loses: ['column notes.text with its values'],
      }),
    )
    expect(await refusalOf(openApp(lossy, { config, log }))).toEndWith(
      'plinth migrate up --accept-loss notes.text',
    )
    await (await openApp(lossy, { config: configOf(file), log })).close()
  })

  test('left alone, the app is not ready', async () => {
    const opened = await openApp(app, { config: configOf(newFile()), log, migrate: 'leave' })
    const response = await opened.http.fetch(new Request('http://localhost/readyz'))
    expect(response.status).toBe(503)
    await opened.migrator.up()
    const later = await opened.http.fetch(new Request('http://localhost/readyz'))
    expect(later.status).toBe(200)
    await opened.close()
  })

  test('in production it waits for the process that is making the database', async () => {
    const file = newFile()
    const other = await openApp(app, { config: configOf(file), log, migrate: 'leave' })
    await other.migrator.up({ to: 'plinth/0001-initial' })
    const opening = openApp(app, { config: configOf(file, production), log })
    await other.migrator.up()
    const opened = await opening
    expect(await notesOf(opened)).toEqual([])
    await opened.close()
    await other.close()
  })

  test('processes that start at once on an empty database all get it whole', async () => {
    const file = newFile()
    const config = configOf(file, production)
    const opened = await Promise.all([1, 2, 3].map(() => openApp(app, { config, log })))
    for (const each of opened) expect(await each.migrator.isCurrent()).toBe(true)
    for (const each of opened) expect(await addNote(each, 'milk')).toBe(201)
    for (const each of opened) await each.close()
  })
})

describe('a tool that fails to start', () => {
  test('leaves nothing open', async () => {
    const file = newFile()
    const [system, notes] = app.tools
    if (!system || !notes) throw new Error('no tools')
    const onStart = () => Promise.reject(new Error('no milk'))
    const broken: App = { ...app, tools: [system, { ...notes, onStart }] }
    await expect(openApp(broken, { config: configOf(file), log })).rejects.toThrow('no milk')
    expect(existsSync(`${file}-wal`)).toBe(false)
  })
})

describe('says in one line what to mend, and touches nothing:', () => {
  test('a file that is no database', async () => {
    const file = newFile()
    mkdirSync(join(file, '..'))
    writeFileSync(file, 'milk\n'.repeat(1000))
    expect(await refusalOf(openApp(app, { config: configOf(file), log }))).toMatch(
      /app\.db is not an SQLite database.*DATABASE_URL/,
    )
    expect(readFileSync(file, 'utf8')).toBe('milk\n'.repeat(1000))
    expect(existsSync(`${file}.secret`)).toBe(false)
  })

  test('a folder', async () => {
    const file = newFile()
    mkdirSync(file, { recursive: true })
    expect(await refusalOf(openApp(app, { config: configOf(file), log }))).toMatch(/app\.db/)
    expect(statSync(file).isDirectory()).toBe(true)
  })

  test('a folder that cannot be written to', async () => {
    const config = configOf('/proc/plinth/app.db')
    expect(await refusalOf(openApp(app, { config, log }))).toMatch(
      /cannot be written to.*\/proc\/plinth/,
    )
  })

  test('a database that another process has locked', async () => {
    const file = newFile()
    await (await openApp(app, { config: configOf(file), log })).close()
    const before = readFileSync(file)
    const other = new SqliteFile(file)
    other.run('PRAGMA locking_mode = EXCLUSIVE')
    other.run('BEGIN EXCLUSIVE')
    expect(await refusalOf(openApp(app, { config: configOf(file), log }))).toMatch(
      /app\.db is locked by another process.*Stop that one/,
    )
    other.run('ROLLBACK')
    other.close()
    expect(readFileSync(file).equals(before)).toBe(true)
  }, 20_000)

  test('a PostgreSQL server that is not there', async () => {
    const DATABASE_URL = 'postgresql://u:hunter2@127.0.0.1:1/n?connect_timeout=1'
    const parsed = parseConfig({ DATABASE_URL })
    if (!parsed.ok) throw new Error('not a configuration')
    const refusal = await refusalOf(openApp(app, { config: parsed.value, log }))
    expect(refusal).toMatch(/Nothing answers at 127.0.0.1:1.*DATABASE_URL/)
    expect(refusal).not.toContain('hunter2')
  })
})
