import type { Executor } from '#kit/db'
import type { DialectName } from '#kit/model'
import { engines } from './engines.ts'
import { type MigrationSet, readMigrations } from './files/migration-file.ts'
import { stateAfter } from './history.ts'
import { readLedgerWithin } from './ledger.ts'
import type { Snapshot } from './snapshot.ts'
import { assertSound, idOf, toStatus } from './status.ts'

/** What a database's own record says was done to it. */
export interface AppliedState {
  /** In the order in which they were applied, those of tools that are no longer part of the app left out. */
  readonly migrations: readonly { readonly id: string; readonly checksum: string }[]
  /** All tables as these migrations have left them: not as the models of this code would have them. */
  readonly snapshot: Snapshot
}

export interface AppliedQuestion {
  /** May be in a transaction, which this does not spoil. */
  readonly executor: Executor
  readonly dialect: DialectName
  readonly sets: readonly MigrationSet[]
}

/**
 * Reads what was applied. Throws `conflict` with the repair where the database is ahead of the code, or a file was
 * edited since.
 */
export async function readApplied(question: AppliedQuestion): Promise<AppliedState> {
  const { executor, dialect, sets } = question
  const files = (await Promise.all(sets.map(readMigrations))).flat()
  const ledger = await readLedgerWithin(executor, engines[dialect])
  assertSound(toStatus({ sets: sets.map(({ name }) => name), files }, ledger))
  const byId = new Map(files.map((file) => [file.id, file]))
  const applied = ledger.flatMap((entry) => byId.get(idOf(entry)) ?? [])
  return {
    migrations: applied.map(({ id, checksum }) => ({ id, checksum })),
    snapshot: stateAfter(applied),
  }
}
