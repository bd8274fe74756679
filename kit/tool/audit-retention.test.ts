import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '#kit/core'
import { type Database, openDatabase, verifyAudit } from '#kit/db'
import { makeMigrations } from '#kit/migrate'
import { eachDialect, until } from '#kit/testing'
import { createNoteApp } from './fixture/note-app.ts'
import { toMigrationSets } from './migrate-at-start.ts'
import { startServer } from './start-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'plinth-retention-'))
const app = createNoteApp(join(folder, 'migrations'))
const dayMs = 86_400_000

beforeAll(async () => {
  await makeMigrations(toMigrationSets(app).slice(1), { message: 'initial' })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

eachDialect('a server with AUDIT_RETENTION', (dialect) => {
  test('removes what is older at its start, and without it nothing', async () => {
    const { config } = await dialect.create()
    const url = 'file' in config ? `sqlite:///${config.file}` : config.url
    const environment = { DATABASE_URL: url, PORT: '0', HOST: '127.0.0.1', PLINTH_ENV: 'test' }
    const start = (more: Record<string, string> = {}) =>
      startServer(app, { ...environment, ...more }, { print: () => {}, log: createLog('silent') })

    const first = await start()
    for (const age of [40, 30, 20, 1]) await record(first.app.database, age)
    await first.stop()
    const keeping = await start()
    expect((await verifyAudit(keeping.app.database)).entries).toBe(4)
    await keeping.stop()

    const pruning = await start({ AUDIT_RETENTION: '25d' })
    const left = async () => (await verifyAudit(pruning.app.database)).entries
    await until('what is too old to go', async () => (await left()) <= 2)
    await pruning.stop()

    const database = await openDatabase(config, { log: createLog('silent') })
    expect(await verifyAudit(database)).toMatchObject({ entries: 2, faultCount: 0 })
    const rows = await database.reader.execute('SELECT row_id FROM plinth_audit ORDER BY seq')
    expect(rows.map(({ row_id }) => row_id)).toEqual(['20', '1'])
    await database.close()
  })
})

function record(database: Database, ageDays: number): Promise<void> {
  return database.write('note.create', (unit) =>
    unit.record({
      actorId: null,
      sessionId: null,
      requestId: null,
      atMs: Date.now() - ageDays * dayMs,
      action: 'create',
      model: 'note',
      rowId: String(ageDays),
      before: null,
      after: {},
      undoes: null,
    }),
  )
}
