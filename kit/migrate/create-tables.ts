import { AuditChain, AuditEntry, type Database, type Executor } from '#kit/db'
import type { AnyModel, DialectName } from '#kit/model'
import { runSteps } from './engine/step.ts'
import { engines } from './engines.ts'
import { applyOperation, toSteps } from './operation.ts'
import { planMigration } from './plan.ts'
import { toRenames } from './renames.ts'
import { emptySnapshot, type Snapshot } from './snapshot.ts'
import { toSnapshot } from './to-snapshot.ts'
import { defaultPatience, exclusively, inTransaction } from './transaction.ts'

/**
 * Makes the tables of these models in an empty database, and those of the audit trail, which every write needs; without
 * migrations: for tests.
 */
export async function createTables(
  database: Pick<Database, 'dialect' | 'exclusively'>,
  models: readonly AnyModel[],
): Promise<void> {
  const { name } = database.dialect
  const snapshot = toSnapshot([...new Set([...models, AuditEntry, AuditChain])])
  const engine = engines[name]
  // In one transaction, or each statement would wait for the disk.
  await exclusively(database, engine, (executor) =>
    inTransaction({ executor, engine, patience: defaultPatience }, () =>
      buildTables(executor, name, snapshot),
    ),
  )
}

/** Makes the tables of this snapshot where there are none. */
export async function buildTables(
  executor: Executor,
  dialect: DialectName,
  snapshot: Snapshot,
): Promise<void> {
  const plan = planMigration(emptySnapshot, snapshot, toRenames([]))
  if (!plan.ok) throw new TypeError(plan.errors.map(({ message }) => message).join(' '))
  let before = emptySnapshot
  for (const operation of plan.value.up) {
    const after = applyOperation(before, operation)
    await runSteps(executor, toSteps(dialect, [{ operation, before, after }]))
    before = after
  }
}
