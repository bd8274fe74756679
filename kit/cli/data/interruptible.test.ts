import { afterAll, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '#kit/core'
import { writeBackup } from '#kit/data'
import { openDatabase } from '#kit/db'
import { createMigrator } from '#kit/migrate'
import { eachDialect, recordingIo } from '#kit/testing'
import { toMigrationSets } from '#kit/tool'
import { loadApp } from '../load-app.ts'
import { interruptible } from './interruptible.ts'

const folder = mkdtempSync(join(tmpdir(), 'plinth-interrupted-'))
afterAll(() => rmSync(folder, { recursive: true }))

eachDialect('Ctrl-C', (dialect) => {
  test('stops long work at its next step: exit code 130, and nothing is left of it', async () => {
    const sets = toMigrationSets(await loadApp({ folder: join(import.meta.dir, '../../..') }))
    const { config } = await dialect.create()
    const database = await openDatabase(config, { log: createLog('silent') })
    await createMigrator({ database, sets, nowMs: Date.now }).up()
    await database.write('add', (unit) =>
      unit.executeChange(
        "INSERT INTO users (id, username, created_at, updated_at) VALUES ('018f0000-0000-7000-8000-00000000ada0', 'ada', '2026-03-08T09:30:00Z', '2026-03-08T09:30:00Z')",
      ),
    )
    const io = recordingIo()
    const file = join(folder, `${dialect.name}.jsonl.gz`)
    // The terminal, npm and a wrapper may each deliver it.
    const onProgress = () => {
      io.interrupt()
      io.interrupt()
    }
    const code = await interruptible(io, 'Try again.', async (signal) => {
      await writeBackup({ database, sets, app: 'x', nowMs: Date.now, file, signal, onProgress })
      return 0
    })
    expect(code).toBe(130)
    expect(io.errors).toEqual([
      'Stopping. Once more ends it at once.',
      'plinth: Stopped. Try again.',
    ])
    expect(existsSync(file)).toBe(false)
    expect(io.interrupt()).toBe(false)
    await database.close()
  })
})

test('other faults, and results, go through', async () => {
  const io = recordingIo()
  expect(await interruptible(io, '', async () => 3)).toBe(3)
  const fault = interruptible(io, '', async () => {
    throw new TypeError('broken')
  })
  await expect(fault).rejects.toThrow('broken')
})
