export type { AcceptedLoss } from './accept-loss.ts'
export type { AcceptedUndoing, Undone } from './apply.ts'
export { checkModels, type Drift } from './check-models.ts'
export { createTables } from './create-tables.ts'
export { guardTriggers, liftGuard, setGuard } from './engine/append-only.ts'
export type { Migration, MigrationSet } from './files/migration-file.ts'
export {
  type Made,
  type MadeMigration,
  type MakeOptions,
  makeMigrations,
} from './make-migrations.ts'
export {
  createMigrator,
  type DownOptions,
  type Migrator,
  type MigratorOptions,
  type UpOptions,
} from './migrator.ts'
export type { Operation } from './operation.ts'
export { type Plan, planMigration } from './plan.ts'
export { type AppliedState, readApplied } from './read-applied.ts'
export type { ColumnFate } from './rehearsal/compare.ts'
export { type Rehearsal, type RehearsalOptions, rehearse } from './rehearsal/rehearse.ts'
export type { RehearsedStep } from './rehearsal/step-recorder.ts'
export { type Rename, type Renames, toRenames } from './renames.ts'
export { scriptOf } from './script.ts'
export {
  type Column,
  emptySnapshot,
  type IndexSnapshot,
  type Snapshot,
  type Table,
} from './snapshot.ts'
export type { MigrationState, MigrationStatus } from './status.ts'
export { toSnapshot } from './to-snapshot.ts'
export { assertLoaded, beginLoad, endLoad, type Load, loadTable } from './unfinished-load.ts'
