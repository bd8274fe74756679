import type { Executor } from '#kit/db'
import type { AnyModel, DialectName } from '#kit/model'
import { runSteps } from './engine/step.ts'
import { applyOperation, toSteps } from './operation.ts'
import { planMigration } from './plan.ts'
import { toRenames } from './renames.ts'
import { emptySnapshot } from './snapshot.ts'
import { toSnapshot } from './to-snapshot.ts'

/** Makes the tables of these models in an empty database, without migrations: for tests. */
export async function createTables(
  executor: Executor,
  models: readonly AnyModel[],
  dialect: DialectName = 'sqlite',
): Promise<void> {
  const plan = planMigration(emptySnapshot, toSnapshot(models), toRenames(models))
  if (!plan.ok) throw new TypeError(plan.errors.map(({ message }) => message).join(' '))
  let before = emptySnapshot
  for (const operation of plan.value.up) {
    const after = applyOperation(before, operation)
    await runSteps(executor, toSteps(dialect, { operation, before, after }))
    before = after
  }
}
