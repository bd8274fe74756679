import type { ModelPlan } from '../../repository/model-plan.ts'
import { recordRemoval } from '../../repository/record.ts'
import { isAsLeft } from './recorded-values.ts'
import { refuseForLater, refuseForReferrer } from './refuse.ts'
import { encodeAll, rowsById, toSql } from './rows-by-id.ts'
import type { Referrer, UndoContext } from './undo-context.ts'
import type { Undoing } from './undo-run.ts'
import { bindingFor } from './undo-run.ts'

/** Takes rows away again that were made, if they are still as they were made and nothing refers to them. */
export async function unmakeRows(
  context: UndoContext,
  plan: ModelPlan,
  run: readonly Undoing[],
): Promise<void> {
  const { executor, dialect } = context
  const ids = run.map(({ id }) => id)
  const rows = await rowsById(context, plan, ids)
  for (const { entry, id } of run) {
    const row = rows.get(id)
    if (!row || !isAsLeft(plan.model, entry.after ?? {}, row)) await refuseForLater(context, entry)
  }
  for (const referrer of context.referrersTo(plan.model))
    if (!referrer.isUnrecorded) await assertUnreferred(context, { plan, referrer, run })
  const removal = dialect.compiler
    .deleteFrom(plan.model.table)
    .where('id', 'in', encodeAll(plan, ids))
  await executor.executeChange(...toSql(removal))
  for (const { entry, id } of run)
    await recordRemoval({ plan, binding: bindingFor(context, entry) }, rows.get(id) ?? {})
}

interface Referred {
  readonly plan: ModelPlan
  readonly referrer: Referrer
  readonly run: readonly Undoing[]
}

/** Rows that go together may refer to each other. */
async function assertUnreferred(
  context: UndoContext,
  { plan, referrer, run }: Referred,
): Promise<void> {
  const { plan: from, field } = referrer
  const ids = run.map(({ id }) => id)
  const query = context.dialect.compiler
    .selectFrom(from.model.table)
    .select(['id', field])
    .where(field, 'in', encodeAll(plan, ids))
  const others =
    from.model.table === plan.model.table
      ? query.where('id', 'not in', encodeAll(plan, ids))
      : query
  const [found] = await context.executor.execute(...toSql(others.limit(1)))
  if (!found) return
  const { id: rowId, [field]: referred } = from.decode(found)
  const { entry } = run.find(({ id }) => id === referred) ?? {}
  if (entry)
    await refuseForReferrer(context, entry, { model: from.model.name, rowId: String(rowId) })
}
