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
import { createLog, type ParsedConfig, parseConfig } from '#kit/core'
import { makeMigrations } from '#kit/migrate'
import { refusalOf } from '#kit/testing'
import type { App } from './create-app.ts'
import { addNote, createNoteApp, notesOf } from './fixture/note-app.ts'
import { toMigrationSets } from './migrate-at-start.ts'
import { openApp } from './open-app.ts'

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

function configOf(file: string): ParsedConfig {
  const parsed = parseConfig({ DATABASE_URL: `sqlite:///${file}` })
  if (!parsed.ok) throw new Error('not a configuration')
  return parsed.value
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
