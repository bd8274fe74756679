import { type Log, Problem } from '#kit/core'
import type { Database } from '#kit/db'
import type { AcceptedLoss } from './accept-loss.ts'
import { type AcceptedUndoing, applyAll, type Undone, undoLast, type Work } from './apply.ts'
import type { Patience } from './engine/engine.ts'
import { engines } from './engines.ts'
import type { MigrationFile, MigrationSet } from './files/migration-file.ts'
import { readLedger } from './ledger.ts'
import { type Made, type MakeOptions, makeMigrations } from './make-migrations.ts'
import { readAll } from './read-all.ts'
import type { StepWatch } from './run-migration.ts'
import { writeScript } from './script.ts'
import { type MigrationFiles, type MigrationStatus, toPending, toStatus } from './status.ts'
import { exclusively } from './transaction.ts'

export interface MigratorOptions {
  readonly database: Pick<Database, 'dialect' | 'reader' | 'exclusively'>
  /** In the order in which they are applied. */
  readonly sets: readonly MigrationSet[]
  readonly nowMs: () => number
  readonly log?: Log
  /** How long to wait for other processes. */
  readonly patience?: Partial<Patience>
  readonly watch?: StepWatch
}

export interface UpOptions {
  /** The last one to apply: `tasks/0002-add-priority`. */
  readonly to?: string
  /** Their ids: no other is applied. */
  readonly only?: readonly string[]
  /** What rows may lose. Default: nothing, as production needs it; in development what the files say. */
  readonly acceptLoss?: AcceptedLoss
}

export interface DownOptions {
  /** What rows may lose. Default: nothing. */
  readonly acceptLoss?: AcceptedUndoing
}

/** Brings a database to where the files of its tools are, and back. */
export interface Migrator {
  /** Every migration and what has become of it. Changes nothing. */
  status(): Promise<MigrationStatus[]>
  /** The ids of those that `up` would apply. Throws `conflict` with the repair where it would refuse. */
  pending(): Promise<string[]>
  /** Whether every migration is applied as its file says. One statement: for health probes and a quick start. */
  isCurrent(): Promise<boolean>
  /** Whether no migration was ever applied. */
  isEmpty(): Promise<boolean>
  /**
   * Applies those that are pending, each in a transaction of its own, and answers their ids. A file that fails
   * leaves no trace; those before it stay. Of processes that start at once one applies, the others wait.
   * Throws `conflict` with the repair: database ahead of the code, edited or late files, rows in the way.
   */
  up(options?: UpOptions): Promise<string[]>
  /**
   * Undoes the last `count`, the newest first, each in a transaction of its own. Throws `conflict` naming what
   * would be destroyed in tables with rows, unless that is allowed.
   */
  down(count: number, options?: DownOptions): Promise<Undone>
  /** The statements that `up` would run, one a line, what it would ask the database as comments. Runs nothing. */
  script(options?: Pick<UpOptions, 'to'>): Promise<string[]>
  /** See {@link makeMigrations}. */
  make(options: MakeOptions): Promise<Made>
}

export function createMigrator(options: MigratorOptions): Migrator {
  const { database, sets } = options
  const engine = engines[database.dialect.name]
  const look = async () => {
    const [all, ledger] = await Promise.all([readAll(sets), readLedger(database.reader, engine)])
    return { all, ledger, statuses: toStatus(all, ledger) }
  }
  const work = <T>(all: MigrationFiles, run: (work: Work) => Promise<T>) =>
    exclusively(database, engine, (executor) => run({ executor, engine, options, all }))
  return Object.freeze<Migrator>({
    status: async () => (await look()).statuses,
    pending: async () => toPending((await look()).statuses),
    isCurrent: async () => (await look()).statuses.every(({ state }) => state === 'applied'),
    isEmpty: async () => (await readLedger(database.reader, engine)).length === 0,
    up: async ({ to, only, acceptLoss = [] } = {}) => {
      const { all, statuses } = await look()
      const wanted = cutAfter(all, to).filter(({ id }) => only?.includes(id) ?? true)
      // Nothing to do is the common case at start: no lock is taken for it.
      const isDue = toPending(statuses).some((id) => wanted.some((file) => file.id === id))
      return isDue ? work(all, (given) => applyAll(given, wanted, acceptLoss)) : []
    },
    down: async (count, { acceptLoss = [] } = {}) =>
      work(await readAll(sets), (given) => undoLast(given, count, acceptLoss)),
    script: async ({ to } = {}) => {
      const { all, ledger } = await look()
      return writeScript({ engine, all, ledger, wanted: cutAfter(all, to), nowMs: options.nowMs })
    },
    make: (made) => makeMigrations(sets, made),
  })
}

function cutAfter({ files }: MigrationFiles, to: string | undefined): readonly MigrationFile[] {
  if (to === undefined) return files
  const last = files.findIndex(({ id }) => id === to)
  if (last < 0) throw new Problem('not_found', `There is no migration ${to}.`)
  return files.slice(0, last + 1)
}
