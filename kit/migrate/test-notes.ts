import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '#kit/core'
import { type Database, openDatabase } from '#kit/db'
import { type AnyField, type AnyModel, defineModel, f } from '#kit/model'
import { createMigrator, type Migrator } from './migrator.ts'

const startMs = Date.parse('2026-03-01T08:00:00.000Z')

/** A model `note` with these fields beside its title. */
export function noteModel(fields: Readonly<Record<string, AnyField>> = {}): AnyModel {
  return defineModel('note', {
    id: f.serial(),
    access: { read: 'anyone', write: 'anyone' },
    fields: { title: f.text({ max: 50 }), ...fields },
  })
}

/** A database and a folder of migrations, for a test; `close` removes both. */
export interface Bench {
  readonly database: Database
  /** Where the database file and the folder `migrations` are. */
  readonly root: string
  readonly folder: string
  /** A migrator of one set `notes` with these models. */
  readonly with: (...models: readonly AnyModel[]) => Migrator
  close(): Promise<void>
}

export async function openBench(): Promise<Bench> {
  const root = await mkdtemp(join(tmpdir(), 'plinth-'))
  const file = join(root, 'app.db')
  const folder = join(root, 'migrations')
  const database = await openDatabase({ dialect: 'sqlite', file }, { log: createLog('silent') })
  return {
    database,
    root,
    folder,
    with: (...models) =>
      createMigrator({
        database,
        sets: [{ name: 'notes', folder, models }],
        nowMs: () => startMs,
      }),
    close: async () => {
      await database.close()
      await rm(root, { recursive: true, force: true })
    },
  }
}
