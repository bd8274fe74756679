export { createTables } from './create-tables.ts'
export type { Operation } from './operation.ts'
export { type Plan, planMigration } from './plan.ts'
export { type Rename, type Renames, toRenames } from './renames.ts'
export {
  type Column,
  emptySnapshot,
  type IndexSnapshot,
  type Snapshot,
  type Table,
} from './snapshot.ts'
export { toSnapshot } from './to-snapshot.ts'
