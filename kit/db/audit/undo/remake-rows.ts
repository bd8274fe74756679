import type { ModelPlan } from '../../repository/model-plan.ts'
import { recordCreation } from '../../repository/record.ts'
import type { ColumnRow } from '../../types.ts'
import { assertTargets, type Restoring } from './assert-targets.ts'
import { assertUntaken } from './assert-untaken.ts'
import { toRestoredRow } from './recorded-values.ts'
import { cannotUndo, refuseForLater } from './refuse.ts'
import { presentIds, toSql } from './rows-by-id.ts'
import type { UndoContext } from './undo-context.ts'
import { bindingFor, type Undoing } from './undo-run.ts'

/**
 * Brings rows back that were removed for good, as they were to the last field: in one statement, since they may refer
 * to one another.
 */
export async function remakeRows(
  context: UndoContext,
  plan: ModelPlan,
  run: readonly Undoing[],
): Promise<void> {
  const restorings = await toRestorings(context, plan, run)
  await assertTargets(context, plan, restorings)
  for (const each of restorings) await assertUntaken(context, plan, each)
  const rows = restorings.map(({ row }) =>
    Object.fromEntries(plan.columns.map((name) => [name, plan.encode(name, row[name])])),
  )
  const insertion = context.dialect.compiler.insertInto(plan.model.table).values(rows)
  await context.executor.executeChange(...toSql(insertion))
  await raiseNumbers(
    context,
    plan,
    run.map(({ id }) => id),
  )
  for (const { entry, row } of restorings)
    await recordCreation({ plan, binding: bindingFor(context, entry) }, row)
}

async function toRestorings(
  context: UndoContext,
  plan: ModelPlan,
  run: readonly Undoing[],
): Promise<Restoring[]> {
  const ids = run.map(({ id }) => id)
  const taken = await presentIds(context, plan, ids)
  const restorings: Restoring[] = []
  for (const { entry, id } of run) {
    if (taken.has(id)) await refuseForLater(context, entry)
    const restored = toRestoredRow(plan.model, entry.before ?? {})
    if (!restored.ok) throw cannotUndo(entry, restored.reason)
    const row: ColumnRow = restored.values
    restorings.push({ entry, row, values: row })
  }
  return restorings
}

/** No new row gets a number that one of these has, whatever the database was restored from in between. */
async function raiseNumbers(
  { executor, dialect }: UndoContext,
  { model }: ModelPlan,
  ids: readonly unknown[],
): Promise<void> {
  const { raiseNumbering } = dialect
  if (raiseNumbering === undefined || !model.fields['id']?.spec.use.kind.isSerial) return
  await executor.execute(raiseNumbering, [model.table, Math.max(...ids.map(Number))])
}
