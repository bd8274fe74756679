import { Problem, toInstant } from '#kit/core'
import type { Executor } from '#kit/db'
import {
  type AcceptedLoss,
  assertAccepted,
  assertKnownLosses,
  assertSaid,
  lossesByHand,
} from './accept-loss.ts'
import type { Engine } from './engine/engine.ts'
import type { MigrationFile } from './files/migration-file.ts'
import { assertLeadsBack, stateAfter } from './history.ts'
import { type Applied, forgetApplied, openLedger, recordApplied } from './ledger.ts'
import type { MigratorOptions } from './migrator.ts'
import { runMigration, type StepWatch } from './run-migration.ts'
import type { Snapshot } from './snapshot.ts'
import { assertSound, idOf, type MigrationFiles, toPending, toStatus } from './status.ts'
import { defaultPatience, inTransaction } from './transaction.ts'

export interface Work {
  readonly executor: Executor
  readonly engine: Engine
  readonly options: MigratorOptions
  readonly all: MigrationFiles
}

interface Batch {
  readonly number: number
  /** Nothing was ever applied before it: there are no rows to lose. */
  readonly isFirst: boolean
  readonly acceptLoss: AcceptedLoss
}

/** Applies those of the wanted files that are due, each in a transaction of its own. */
export async function applyAll(
  work: Work,
  wanted: readonly MigrationFile[],
  acceptLoss: AcceptedLoss,
): Promise<string[]> {
  const ids: string[] = []
  let batch: Batch | undefined
  for (;;) {
    const file = await inTurn(work, async () => {
      const ledger = await openLedger(work.executor, work.engine)
      batch ??= startBatch(work, wanted, { ledger, acceptLoss })
      return applyNext(work, wanted, { ledger, batch })
    })
    if (!file) return ids
    ids.push(file.id)
    work.options.log?.info({ migration: file.id }, 'migration applied')
  }
}

function inTurn<T>({ executor, engine, options }: Work, run: () => Promise<T>): Promise<T> {
  const patience = { ...defaultPatience, ...options.patience }
  return inTransaction({ executor, engine, patience }, run)
}

function startBatch(
  { all }: Work,
  wanted: readonly MigrationFile[],
  {
    ledger,
    acceptLoss,
  }: { readonly ledger: readonly Applied[]; readonly acceptLoss: AcceptedLoss },
): Batch {
  const pending = toPending(toStatus(all, ledger))
  const due = wanted.filter(({ id }) => pending.includes(id))
  if (due.length > 0) assertKnownLosses(due, toWorld(all, ledger), acceptLoss)
  const number = Math.max(0, ...ledger.map((applied) => applied.batch)) + 1
  return { number, isFirst: ledger.length === 0, acceptLoss }
}

/** Applies the first that is still due: another process may have been here in the meantime. */
async function applyNext(
  work: Work,
  wanted: readonly MigrationFile[],
  { ledger, batch }: { readonly ledger: readonly Applied[]; readonly batch: Batch },
): Promise<MigrationFile | undefined> {
  const pending = toPending(toStatus(work.all, ledger))
  const file = wanted.find(({ id }) => pending.includes(id))
  const { executor, engine, options } = work
  const { nowMs, watch } = options
  const before = toWorld(work.all, ledger)
  if (file) await applyFile({ executor, engine, nowMs, watch }, file, { before, batch })
  return file
}

interface Application extends Pick<Work, 'executor' | 'engine'> {
  readonly nowMs: () => number
  readonly watch?: StepWatch | undefined
}

/** Applies one file and records it, within the transaction that is open. */
export async function applyFile(
  { executor, engine, nowMs, watch }: Application,
  file: MigrationFile,
  { before, batch }: { readonly before: Snapshot; readonly batch: Batch },
): Promise<void> {
  const felt = await runMigration({ executor, engine, file, direction: 'up', before, watch })
  assertSaid(file, felt)
  const byHand = batch.isFirst ? [] : lossesByHand(file, before)
  assertAccepted(file, [...felt, ...byHand], batch.acceptLoss)
  const { set, number, name, checksum } = file
  const appliedAt = toInstant(nowMs())
  const applied = { set, number, name, checksum, appliedAt, batch: batch.number }
  await recordApplied(executor, engine, applied)
}

/** All tables, of whatever set, as what was applied has left them. */
export function toWorld({ files }: MigrationFiles, ledger: readonly Applied[]): Snapshot {
  const byId = new Map(files.map((file) => [file.id, file]))
  return stateAfter(ledger.flatMap((applied) => byId.get(idOf(applied)) ?? []))
}

export interface Undone {
  readonly ids: readonly string[]
  /** What the undone migrations had destroyed, and what is therefore not back. */
  readonly notRestored: readonly string[]
}

/** What undoing may destroy: `all`, or what is named: `tasks.priority`. */
export type AcceptedUndoing = 'all' | readonly string[]

export async function undoLast(
  work: Work,
  count: number,
  acceptLoss: AcceptedUndoing,
): Promise<Undone> {
  const ids: string[] = []
  const notRestored: string[] = []
  for (let step = 0; step < count; step += 1) {
    const file = await inTurn(work, () => undoOne(work, acceptLoss))
    if (!file) break
    ids.push(file.id)
    notRestored.push(...(file.read().loses ?? []))
    work.options.log?.info({ migration: file.id }, 'migration undone')
  }
  return { ids, notRestored }
}

async function undoOne(
  work: Work,
  acceptLoss: AcceptedUndoing,
): Promise<MigrationFile | undefined> {
  const { executor, engine, all, options } = work
  const ledger = await openLedger(executor, engine)
  assertSound(toStatus(all, ledger))
  const applied = ledger.findLast(({ set }) => all.sets.includes(set))
  const file = applied && all.files.find(({ id }) => id === idOf(applied))
  if (!file) return undefined
  assertLeadsBack(all.files.filter(({ set, number }) => set === file.set && number <= file.number))
  const [before, watch] = [toWorld(all, ledger), options.watch]
  const losses = await runMigration({ executor, engine, file, direction: 'down', before, watch })
  const refused = losses.filter(
    ({ subject }) => acceptLoss !== 'all' && !acceptLoss.includes(subject),
  )
  if (refused.length > 0) {
    const texts = refused.map(({ text }) => text).join('; ')
    const names = refused.map(({ subject }) => `--accept-loss ${subject}`).join(' ')
    throw new Problem(
      'conflict',
      `Undoing ${file.id} would destroy: ${texts}. If that is meant, say ${names}.`,
    )
  }
  await forgetApplied(executor, engine, applied.id)
  return file
}
