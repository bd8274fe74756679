import { type Log, Problem, toInstant } from '#kit/core'
import type { Database, Executor } from '#kit/db'
import type { Engine } from './engine/engine.ts'
import { engines } from './engines.ts'
import { type MigrationFile, type MigrationSet, readMigrations } from './files/migration-file.ts'
import { assertLeadsBack, stateAfter } from './history.ts'
import { type Applied, forgetApplied, openLedger, readLedger, recordApplied } from './ledger.ts'
import { type Made, type MakeOptions, makeMigrations } from './make-migrations.ts'
import { runMigration } from './run-migration.ts'
import { assertSound, idOf, type MigrationFiles, type MigrationStatus, toStatus } from './status.ts'
import { exclusively, inTransaction } from './transaction.ts'

export interface MigratorOptions {
  readonly database: Pick<Database, 'dialect' | 'reader' | 'exclusively'>
  /** In the order in which they are applied. */
  readonly sets: readonly MigrationSet[]
  readonly nowMs: () => number
  readonly log?: Log
}

export interface UpOptions {
  /** The last one to apply: `tasks/0002-add-priority`. */
  readonly to?: string
  /** Their ids: no other is applied. */
  readonly only?: readonly string[]
}

export interface DownOptions {
  /** Goes on where rows lose what they have. */
  readonly allowLoss?: boolean
}

export interface Undone {
  readonly ids: readonly string[]
  /** What the undone migrations had destroyed, and what is therefore not back. */
  readonly notRestored: readonly string[]
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
  /** See {@link makeMigrations}. */
  make(options: MakeOptions): Promise<Made>
}

interface Work {
  readonly executor: Executor
  readonly engine: Engine
  readonly options: MigratorOptions
  readonly all: MigrationFiles
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
    up: async ({ to, only } = {}) => {
      const { all, statuses } = await look()
      const wanted = cutAfter(all, to).filter(({ id }) => only?.includes(id) ?? true)
      // Nothing to do is the common case at start: no lock is taken for it.
      const isDue = toPending(statuses).some((id) => wanted.some((file) => file.id === id))
      return isDue ? work(all, (given) => applyAll(given, wanted)) : []
    },
    down: async (count, { allowLoss = false } = {}) =>
      work(await readAll(sets), (given) => undoLast(given, count, allowLoss)),
    make: (made) => makeMigrations(sets, made),
  })
}

async function readAll(sets: readonly MigrationSet[]): Promise<MigrationFiles> {
  const files = await Promise.all(sets.map(readMigrations))
  return { sets: sets.map(({ name }) => name), files: files.flat() }
}

function toPending(statuses: readonly MigrationStatus[]): string[] {
  assertSound(statuses)
  return statuses.filter(({ state }) => state === 'pending').map(({ id }) => id)
}

function cutAfter({ files }: MigrationFiles, to: string | undefined): readonly MigrationFile[] {
  if (to === undefined) return files
  const last = files.findIndex(({ id }) => id === to)
  if (last < 0) throw new Problem('not_found', `There is no migration ${to}.`)
  return files.slice(0, last + 1)
}

async function applyAll(work: Work, wanted: readonly MigrationFile[]): Promise<string[]> {
  const ids: string[] = []
  let batch: number | undefined
  for (;;) {
    const file = await inTransaction(work.executor, work.engine, async () => {
      const ledger = await openLedger(work.executor, work.engine)
      batch ??= Math.max(0, ...ledger.map((applied) => applied.batch)) + 1
      return applyNext(work, wanted, { ledger, batch })
    })
    if (!file) return ids
    ids.push(file.id)
    work.options.log?.info({ migration: file.id }, 'migration applied')
  }
}

/** Applies the first that is still due: another process may have been here in the meantime. */
async function applyNext(
  work: Work,
  wanted: readonly MigrationFile[],
  { ledger, batch }: { readonly ledger: readonly Applied[]; readonly batch: number },
): Promise<MigrationFile | undefined> {
  const { executor, engine, all, options } = work
  const pending = toPending(toStatus(all, ledger))
  const file = wanted.find(({ id }) => pending.includes(id))
  if (!file) return undefined
  const before = toWorld(all, ledger)
  const losses = await runMigration({ executor, engine, file, direction: 'up', before })
  assertSaid(file, losses)
  const { set, number, name, checksum } = file
  const appliedAt = toInstant(options.nowMs())
  await recordApplied(executor, engine, { set, number, name, checksum, appliedAt, batch })
  return file
}

/** All tables, of whatever set, as what was applied has left them. */
function toWorld({ files }: MigrationFiles, ledger: readonly Applied[]) {
  const byId = new Map(files.map((file) => [file.id, file]))
  return stateAfter(ledger.flatMap((applied) => byId.get(idOf(applied)) ?? []))
}

function assertSaid(file: MigrationFile, losses: readonly string[]): void {
  const said = file.read().loses ?? []
  const unsaid = losses.filter((text) => !said.includes(text))
  if (unsaid.length === 0) return
  throw new Problem(
    'conflict',
    `${file.id} would destroy what it does not say. If that is meant, add to ${file.path}: ` +
      `"loses": ${JSON.stringify([...said, ...unsaid])}`,
  )
}

async function undoLast(work: Work, count: number, allowLoss: boolean): Promise<Undone> {
  const ids: string[] = []
  const notRestored: string[] = []
  for (let step = 0; step < count; step += 1) {
    const file = await inTransaction(work.executor, work.engine, () => undoOne(work, allowLoss))
    if (!file) break
    ids.push(file.id)
    notRestored.push(...(file.read().loses ?? []))
    work.options.log?.info({ migration: file.id }, 'migration undone')
  }
  return { ids, notRestored }
}

async function undoOne(work: Work, allowLoss: boolean): Promise<MigrationFile | undefined> {
  const { executor, engine, all } = work
  const ledger = await openLedger(executor, engine)
  assertSound(toStatus(all, ledger))
  const applied = ledger.findLast(({ set }) => all.sets.includes(set))
  const file = applied && all.files.find(({ id }) => id === idOf(applied))
  if (!file) return undefined
  assertLeadsBack(all.files.filter(({ set, number }) => set === file.set && number <= file.number))
  const before = toWorld(all, ledger)
  const losses = await runMigration({ executor, engine, file, direction: 'down', before })
  if (losses.length > 0 && !allowLoss) {
    throw new Problem(
      'conflict',
      `Undoing ${file.id} would destroy: ${losses.join('; ')}. If that is meant, say --allow-loss.`,
    )
  }
  await forgetApplied(executor, engine, applied.id)
  return file
}
