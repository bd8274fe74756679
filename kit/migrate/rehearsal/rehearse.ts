import { type DatabaseConfig, type Log, Problem } from '#kit/core'
import { type Database, openDatabase } from '#kit/db'
import type { DialectName } from '#kit/model'
import { toWorld } from '../apply.ts'
import { engines } from '../engines.ts'
import type { MigrationSet } from '../files/migration-file.ts'
import { stateAfter } from '../history.ts'
import { readLedger } from '../ledger.ts'
import { createMigrator, type Migrator } from '../migrator.ts'
import { readAll } from '../read-all.ts'
import type { Snapshot } from '../snapshot.ts'
import {
  type ColumnFate,
  compareColumns,
  countDifferences,
  differences,
  schemaDifferences,
} from './compare.ts'
import type { MakeCopy } from './copy.ts'
import { copyPostgres } from './copy-postgres.ts'
import { copySqlite } from './copy-sqlite.ts'
import { createStepRecorder, type RehearsedStep } from './step-recorder.ts'
import { type Survey, survey } from './survey.ts'

export interface RehearsalOptions {
  readonly config: DatabaseConfig
  readonly sets: readonly MigrationSet[]
  readonly nowMs: () => number
  readonly log: Log
  /** Copies all rows into a database just made; asked where an engine cannot copy one that is in use. */
  readonly copyRows: (from: Database, to: Database) => Promise<void>
}

/** What applying the pending migrations, undoing them and applying them again does to a copy of the data. */
export interface Rehearsal {
  /** Those that were rehearsed; empty where none is pending. */
  readonly ids: readonly string[]
  readonly rows: number
  /** Of the first up, and of down. */
  readonly steps: readonly RehearsedStep[]
  /** Every column that was there before. */
  readonly columns: readonly ColumnFate[]
  /** What is not as it should be. A migration whose rehearsal has none may be applied. */
  readonly faults: readonly string[]
  /** What of the original the copy lacks, so that it was not rehearsed. */
  readonly lacks: string | undefined
}

const copiers: Readonly<Record<DialectName, MakeCopy>> = Object.freeze({
  sqlite: copySqlite,
  postgres: copyPostgres,
})

/**
 * Rehearses the pending migrations on a copy of the database, which is removed afterwards; the original is
 * only read. Throws as `up` would where they cannot be applied to this data.
 */
export async function rehearse(options: RehearsalOptions): Promise<Rehearsal> {
  const { config, log } = options
  const nothing: Rehearsal = {
    ids: [],
    rows: 0,
    steps: [],
    columns: [],
    faults: [],
    lacks: undefined,
  }
  const pending = await on(options.config, log, (database) =>
    createMigrator({ ...options, database }).pending(),
  )
  if (pending.length === 0) return nothing
  const copy = await copiers[config.dialect](options)
  try {
    const result = await on(copy.config, log, (database) => rehearseOn(database, options))
    return { ...result, lacks: copy.lacks }
  } finally {
    await copy.remove()
  }
}

async function on<T>(
  config: DatabaseConfig,
  log: Log,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await openDatabase(config, { log })
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}

async function rehearseOn(
  database: Database,
  { sets, nowMs }: RehearsalOptions,
): Promise<Omit<Rehearsal, 'lacks'>> {
  const engine = engines[database.dialect.name]
  const all = await readAll(sets)
  const before = toWorld(all, await readLedger(database.reader, engine))
  const { steps, watch } = createStepRecorder(engine)
  const watched = createMigrator({ database, sets, nowMs, watch })
  const look = (snapshot: Snapshot) => survey(database.reader, engine, snapshot)
  const start = await look(before)
  const ids = await watched.up({ acceptLoss: 'said' })
  const files = ids.flatMap((id) => all.files.find((file) => file.id === id) ?? [])
  const after = stateAfter(files, before)
  const raised = await look(after)
  const rows = Object.values(start.tables).reduce((sum, table) => sum + table.rows, 0)
  const refusal = await attemptDown(watched, ids.length)
  if (refusal !== undefined) return { ids, rows, steps, columns: [], faults: [refusal] }
  const end = await look(before)
  await createMigrator({ database, sets, nowMs }).up({ acceptLoss: 'said' })
  const again = await look(after)
  const columns = compareColumns({ before, files, start, raised, end })
  return { ids, rows, steps, columns, faults: toFaults({ start, raised, end, again }, columns) }
}

/** Answers why it cannot be undone, where that is so. */
async function attemptDown(migrator: Migrator, count: number): Promise<string | undefined> {
  try {
    await migrator.down(count, { acceptLoss: 'all' })
    return undefined
  } catch (error) {
    if (error instanceof Problem) return `It cannot be undone with these rows. ${error.detail}`
    throw error
  }
}

interface Surveys {
  readonly start: Survey
  readonly raised: Survey
  readonly end: Survey
  readonly again: Survey
}

function toFaults(
  { start, raised, end, again }: Surveys,
  columns: readonly ColumnFate[],
): string[] {
  const isSaid = (table: string) => columns.some((fate) => fate.table === table && fate.isSaid)
  const counts = countDifferences(start, end).filter(({ table }) => !isSaid(table))
  const unsaid = columns.filter(
    (fate) => !fate.isSaid && (fate.back === 'other' || fate.back === 'lost'),
  )
  return [
    ...schemaDifferences(start, end).map((text) => `After up and down ${text}.`),
    ...counts.map(({ text }) => `After up and down ${text}.`),
    ...unsaid.map(
      ({ table, column }) =>
        `${table}.${column} does not have its values back after down, and no file says "loses".`,
    ),
    ...differences(raised, again).map((text) => `After the second up ${text}.`),
  ]
}
