import type { MigrationSet } from './files/migration-file.ts'
import { isCommitted, readSnapshot } from './files/snapshot-file.ts'
import { describeOperation } from './operation.ts'
import { planMigration } from './plan.ts'
import { toRenames } from './renames.ts'
import { toSnapshot } from './to-snapshot.ts'

/** A set whose models are not as its committed snapshot says: `plinth migrate make` is due. */
export interface Drift {
  readonly set: string
  /** For people: `add_column tasks.priority`, or why there is no way there. */
  readonly changes: readonly string[]
}

/** The sets whose models have changed since their last migration was made. Needs no database. */
export async function checkModels(sets: readonly MigrationSet[]): Promise<Drift[]> {
  const drifts = await Promise.all(sets.map(toDrift))
  return drifts.filter(({ changes }) => changes.length > 0)
}

async function toDrift(set: MigrationSet): Promise<Drift> {
  const after = toSnapshot(set.models)
  if (await isCommitted(set, after)) return { set: set.name, changes: [] }
  const plan = planMigration(await readSnapshot(set), after, toRenames(set.models))
  const changes = plan.ok
    ? plan.value.up.map(describeOperation)
    : plan.errors.map(({ path, message }) => `${path}: ${message}`)
  return { set: set.name, changes }
}
