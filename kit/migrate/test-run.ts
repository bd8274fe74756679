import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog, Problem } from '#kit/core'
import { type Executor, openDatabase } from '#kit/db'
import { sqliteEngine } from './engine/sqlite.ts'
import type { MigrationFile } from './files/migration-file.ts'
import { operationSchema } from './operation.ts'
import type { Plan } from './plan.ts'
import { runMigration } from './run-migration.ts'
import type { Snapshot } from './snapshot.ts'
import { exclusively, inTransaction } from './transaction.ts'

/** A new database on a file, readied as the migrator readies one; removed afterwards. */
export async function withDatabase<T>(work: (executor: Executor) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-'))
  const file = join(folder, 'app.db')
  const database = await openDatabase({ dialect: 'sqlite', file }, { log: createLog('silent') })
  try {
    return await exclusively(database, sqliteEngine, work)
  } finally {
    await database.close()
    await rm(folder, { recursive: true, force: true })
  }
}

interface Run {
  readonly direction: 'up' | 'down'
  readonly before: Snapshot
}

/** Runs one side of a plan as its file would be. A refusal is answered, any other fault thrown. */
export async function runPlan(
  executor: Executor,
  plan: Pick<Plan, 'up' | 'down'>,
  run: Run,
): Promise<Problem | undefined> {
  const file = toFile(plan)
  try {
    await inTransaction(executor, sqliteEngine, () =>
      runMigration({ executor, engine: sqliteEngine, file, ...run }),
    )
    return undefined
  } catch (error) {
    // A statement that the engine did not take would be no refusal of ours.
    if (error instanceof Problem && isRefusal(error.cause)) return error
    throw error
  }
}

function isRefusal(cause: unknown): boolean {
  return cause instanceof Problem && cause.kind.code === 'conflict' && cause.cause === undefined
}

function toFile({ up, down }: Pick<Plan, 'up' | 'down'>): MigrationFile {
  const migration = {
    message: '',
    up: operationSchema.array().parse(JSON.parse(JSON.stringify(up))),
    down: operationSchema.array().parse(JSON.parse(JSON.stringify(down))),
  }
  const name = '0001-test'
  const place = { set: 'test', number: 1, name, id: `test/${name}`, path: `${name}.json` }
  return { ...place, checksum: '', read: () => migration }
}
