import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog, type DatabaseConfig } from '#kit/core'
import { type AuditDraft, type Database, openDatabase, pruneAudit, verifyAudit } from '#kit/db'
import { createMigrator } from '#kit/migrate'
import { eachDialect } from '#kit/testing'
import { restoreBackup } from './backup/restore-backup.ts'
import { writeBackup } from './backup/write-backup.ts'
import { checkDatabase } from './check-database.ts'
import { copyDatabase } from './copy/copy-database.ts'

const folder = mkdtempSync(join(tmpdir(), 'plinth-trail-'))
afterAll(() => rmSync(folder, { recursive: true }))

const sets = [{ name: 'plinth', folder: join(import.meta.dir, '../tool/migrations'), models: [] }]
const nowMs = () => Date.parse('2026-03-08T09:30:00.000Z')
const log = createLog('silent')

const draft = (row: number): AuditDraft => ({
  actorId: null,
  sessionId: null,
  requestId: null,
  atMs: nowMs() + row,
  action: 'create',
  model: 'box',
  rowId: String(row),
  before: null,
  after: { label: 'é ☕ \0 "' },
  undoes: null,
})

/** A database with entries 3 to 9 of a chain, the older ones pruned. */
async function openTrail(config: DatabaseConfig): Promise<Database> {
  const database = await openDatabase(config, { log })
  await createMigrator({ database, sets, nowMs }).up()
  for (let row = 1; row < 9; row += 1)
    await database.write('box.add', (unit) => unit.record(draft(row)))
  await pruneAudit(database, { beforeMs: nowMs() + 3 })
  return database
}

/** That it holds all of the trail, goes on with it, and keeps it from changes. */
async function expectTrail(database: Database): Promise<void> {
  expect(await verifyAudit(database)).toMatchObject({ entries: 6, faultCount: 0 })
  await database.write('box.add', (unit) => unit.record(draft(9)))
  expect(await verifyAudit(database)).toMatchObject({ entries: 7, faultCount: 0 })
  for (const attempt of ["UPDATE plinth_audit SET row_id = 'x'", 'DELETE FROM plinth_audit'])
    await expect(database.write('x', (unit) => unit.execute(attempt))).rejects.toThrow()
}

const findingsOf = async (database: Database) => {
  const found: string[] = []
  for await (const { level, text } of checkDatabase({ database, sets, nowMs }))
    found.push(`${level} ${text}`)
  return found
}

eachDialect('the audit trail', (dialect) => {
  const open = async () => openTrail((await dialect.create()).config)
  const openEmpty = async () => openDatabase((await dialect.create()).config, { log })

  test('is whole after backup and restore', async () => {
    const [database, restored] = [await open(), await openEmpty()]
    const file = join(folder, `${dialect.name}.jsonl.gz`)
    await writeBackup({ database, sets, app: 'x', nowMs, file })
    await restoreBackup({ database: restored, sets, nowMs, file })
    await expectTrail(restored)
    await database.close()
    await restored.close()
  })

  const openFile = (name: string): DatabaseConfig => ({
    dialect: 'sqlite',
    file: join(folder, `${dialect.name}-${name}.db`),
  })

  const copies = {
    'of the same engine': [open, openEmpty],
    'to SQLite': [open, () => openDatabase(openFile('to'), { log })],
    'from SQLite': [() => openTrail(openFile('from')), openEmpty],
  } as const
  test.each(Object.entries(copies))(
    'is whole after a copy that began anew, %s',
    async (_, [one, two]) => {
      const [from, to] = [await one(), await two()]
      const options = { from, to, source: 'x', sets, nowMs }
      const controller = new AbortController()
      const onProgress = () => controller.abort()
      const stopped = copyDatabase({ ...options, signal: controller.signal, onProgress })
      await expect(stopped).rejects.toThrow()
      await copyDatabase({ ...options, isRestarted: true })
      await expectTrail(to)
      await to.close()
      await from.close()
    },
  )

  test('is guarded, or the check says how to mend that', async () => {
    const database = await open()
    expect(await findingsOf(database)).toContain('ok the rows of the audit trail cannot be changed')
    await database.exclusively((executor) =>
      executor.execute(
        dialect.name === 'sqlite'
          ? 'DROP TRIGGER plinth_audit_append_only_delete'
          : 'ALTER TABLE plinth_audit DISABLE TRIGGER USER',
      ),
    )
    expect(await findingsOf(database)).toContainEqual(
      expect.stringMatching(
        /^fail the rows of the audit trail can be changed: plinth_audit_append_only_/,
      ),
    )
    for await (const { level, repair } of checkDatabase({ database, sets, nowMs })) {
      if (level !== 'fail') continue
      const [, statements = ''] = repair?.split('then: ') ?? []
      await database.exclusively(async (executor) => {
        for (const statement of statements.split(/; (?=CREATE|DROP)/))
          await executor.execute(statement)
      })
    }
    await expectTrail(database)
    await database.close()
  })
})
