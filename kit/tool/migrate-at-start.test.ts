import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog, type ParsedConfig, parseConfig } from '#kit/core'
import { makeMigrations } from '#kit/migrate'
import { eachDialect, refusalOf, type TestDatabase } from '#kit/testing'
import { addNote, createNoteApp, notesOf } from './fixture/note-app.ts'
import { toMigrationSets } from './migrate-at-start.ts'
import { openApp } from './open-app.ts'

const folder = mkdtempSync(join(tmpdir(), 'plinth-migrate-'))
const app = createNoteApp(join(folder, 'migrations'))
const log = createLog('silent')

beforeAll(async () => {
  await makeMigrations(toMigrationSets(app).slice(1), { message: 'initial' })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const production = { PLINTH_ENV: 'production' }

function configOf(
  { config: database }: TestDatabase,
  environment: Record<string, string> = {},
): ParsedConfig {
  const parsed = parseConfig({
    JWT_SECRET_KEY: 'k7Qw2ZrT9vLm4XcB8nHs1JdF6gPy3UaE',
    ...environment,
  })
  if (!parsed.ok) throw new Error('not a configuration')
  return { ...parsed.value, database }
}

eachDialect('migrations at start', (dialect) => {
  test('an empty database is migrated in production too', async () => {
    const config = configOf(await dialect.create(), production)
    const opened = await openApp(app, { config, log })
    expect(await opened.migrator.isCurrent()).toBe(true)
    await opened.close()
  })

  test('in production pending ones are refused and named with the command', async () => {
    const place = await dialect.create()
    const old = await openApp(app, { config: configOf(place), log })
    await old.migrator.down(1)
    await old.close()
    const clock = { nowMs: () => Date.now() + 60_000 }
    const refusal = refusalOf(openApp(app, { config: configOf(place, production), log, clock }))
    expect(await refusal).toMatch(
      /lacks a migration: notes\/0001-initial.*plinth migrate up.*MIGRATE=auto/,
    )
  })

  test('MIGRATE=check refuses in development too; auto applies, in production too', async () => {
    const place = await dialect.create()
    const old = await openApp(app, { config: configOf(place), log })
    await old.migrator.down(1)
    await old.close()
    const clock = { nowMs: () => Date.now() + 60_000 }
    const config = configOf(place, { MIGRATE: 'check' })
    expect(await refusalOf(openApp(app, { config, log, clock }))).toMatch(/notes\/0001-initial/)
    const auto = configOf(place, { ...production, MIGRATE: 'auto' })
    const opened = await openApp(app, { config: auto, log, clock })
    expect(await notesOf(opened)).toEqual([])
    await opened.close()
  })

  test('in production what destroys values is left to whoever names it', async () => {
    const migrations = join(folder, `lossy-${dialect.name}`)
    const lossy = createNoteApp(migrations)
    await makeMigrations(toMigrationSets(lossy).slice(1), { message: 'initial' })
    const place = await dialect.create()
    const config = configOf(place, { ...production, MIGRATE: 'auto' })
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
    await (await openApp(lossy, { config: configOf(place), log })).close()
  })

  test('left alone, the app is not ready', async () => {
    const opened = await openApp(app, {
      config: configOf(await dialect.create()),
      log,
      migrate: 'leave',
    })
    const response = await opened.http.fetch(new Request('http://localhost/readyz'))
    expect(response.status).toBe(503)
    await opened.migrator.up()
    const later = await opened.http.fetch(new Request('http://localhost/readyz'))
    expect(later.status).toBe(200)
    await opened.close()
  })

  test('in production it waits for the process that is making the database', async () => {
    const place = await dialect.create()
    const other = await openApp(app, { config: configOf(place), log, migrate: 'leave' })
    // All but the last, which comes at once: the later steps of a second call would not look like a database's making.
    await other.migrator.up({ to: (await other.migrator.pending()).at(-2) ?? '' })
    const opening = openApp(app, { config: configOf(place, production), log })
    await other.migrator.up()
    const opened = await opening
    expect(await notesOf(opened)).toEqual([])
    await opened.close()
    await other.close()
  })

  test('processes that start at once on an empty database all get it whole', async () => {
    const place = await dialect.create()
    const config = configOf(place, production)
    const opened = await Promise.all([1, 2, 3].map(() => openApp(app, { config, log })))
    for (const each of opened) expect(await each.migrator.isCurrent()).toBe(true)
    for (const each of opened) expect(await addNote(each, 'milk')).toBe(201)
    for (const each of opened) await each.close()
  })
})
