import type { ModelPlan } from '../../repository/model-plan.ts'
import { recordChange } from '../../repository/record.ts'
import { slot, toStatement } from '../../repository/slots.ts'
import type { ColumnRow, Value } from '../../types.ts'
import type { AuditAction } from '../audit-models.ts'
import { assertTargets } from './assert-targets.ts'
import { assertUntaken } from './assert-untaken.ts'
import { ask } from './read-entries.ts'
import { isAsLeft, toRestored } from './recorded-values.ts'
import { cannotUndo, refuseForLater } from './refuse.ts'
import { rowsById } from './rows-by-id.ts'
import type { UndoContext } from './undo-context.ts'
import type { UndoEntry } from './undo-entry.ts'
import { bindingFor, type Undoing } from './undo-run.ts'

/** Sets the fields of changed rows back, if they are still as the change left them. */
export async function revertRows(
  context: UndoContext,
  plan: ModelPlan,
  run: readonly Undoing[],
): Promise<void> {
  const rows = await rowsById(
    context,
    plan,
    run.map(({ id }) => id),
  )
  for (const { entry, id } of run) {
    const row = rows.get(id)
    if (row && isAsLeft(plan.model, entry.after ?? {}, row))
      await revert(context, plan, { entry, row })
    else await refuseForLater(context, entry)
  }
}

async function revert(
  context: UndoContext,
  plan: ModelPlan,
  { entry, row: before }: { readonly entry: UndoEntry; readonly row: ColumnRow },
): Promise<void> {
  const restored = toRestored(plan.model, entry.before ?? {})
  if (!restored.ok) throw cannotUndo(entry, restored.reason)
  const { values } = restored
  const change = { entry, row: { ...before, ...values }, values }
  await assertTargets(context, plan, [change])
  await assertUntaken(context, plan, change)
  await update(context, plan, change)
  await recordChange(
    { plan, binding: bindingFor(context, entry) },
    { action: inverse[entry.action], before, changes: values },
  )
}

/** What a change that undoes one of these does. */
const inverse: Readonly<Record<AuditAction, AuditAction>> = {
  create: 'remove',
  change: 'change',
  remove: 'restore',
  restore: 'remove',
}

async function update(
  { executor, dialect }: UndoContext,
  plan: ModelPlan,
  { row, values }: { readonly row: ColumnRow; readonly values: ColumnRow },
): Promise<void> {
  const names = Object.keys(values)
  const statement = plan.statement(`undo update ${names.join(',')}`, () =>
    toStatement(
      dialect.compiler
        .updateTable(plan.model.table)
        .set(Object.fromEntries(names.map((name) => [name, slot(`set_${name}`)])))
        .where('id', '=', slot('id')),
    ),
  )
  const given: Record<string, Value> = { id: plan.encode('id', row['id']) }
  for (const name of names) given[`set_${name}`] = plan.encode(name, values[name])
  await ask(executor, statement, given)
}
