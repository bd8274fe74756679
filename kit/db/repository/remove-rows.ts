import type { RemoveOptions } from '#kit/model'
import type { ColumnRow } from '../types.ts'
import {
  assertMutable,
  type BoundModel,
  type Id,
  idConditions,
  missing,
  scopeFor,
  statementFor,
} from './bound-model.ts'
import { conditionsOf } from './change-many.ts'
import { lockRow, setActivity } from './change-row.ts'
import { activity, valuesOf } from './conditions.ts'
import { removeDependents } from './dependents.ts'
import { applyToMany, deleteMany, eachPortion } from './many-rows.ts'
import { isGuarded } from './precondition.ts'
import { recordRemoval } from './record.ts'
import { referrersOf } from './referrers.ts'
import { write } from './write.ts'

export async function removeRow(
  bound: BoundModel,
  id: Id,
  options: RemoveOptions = {},
): Promise<ColumnRow> {
  assertMutable(bound.plan.model)
  const scope = scopeFor(bound, 'write')
  if (isSoft(bound, options)) return setActivity(bound, id, false)
  const { plan } = bound
  const conditions = idConditions(plan, scope, id)
  if (isGuarded(bound, id) || referrersOf(bound).length > 0) {
    const row = await lockRow(bound, conditions)
    await removeDependents(bound, [row])
  }
  const statement = statementFor(plan, { verb: 'delete', conditions }, (model, { compiler }) =>
    compiler.deleteFrom(model.table).returning(plan.columns),
  )
  const [found] = await write(bound, statement, valuesOf(conditions))
  if (!found) return missing(plan.model)
  const row = plan.decode(found)
  await recordRemoval(bound, row)
  return row
}

export async function removeMany(
  bound: BoundModel,
  where: object,
  options: RemoveOptions = {},
): Promise<number> {
  const { plan } = bound
  assertMutable(plan.model)
  const conditions = conditionsOf(bound, scopeFor(bound, 'write'), where)
  if (isSoft(bound, options))
    return eachPortion(bound, [...conditions, activity(plan, true)], (rows) =>
      applyToMany(bound, { action: 'remove', rows, values: { is_active: false } }),
    )
  return eachPortion(bound, conditions, async (rows) => {
    await removeDependents(bound, rows)
    await deleteMany(bound, rows)
    return rows.length
  })
}

export async function restoreRow(bound: BoundModel, id: Id): Promise<ColumnRow> {
  const { model } = bound.plan
  if (!model.softDelete) throw new TypeError(`${model.name} has no softDelete; nothing to restore.`)
  return setActivity(bound, id, true)
}

/** Whether the rows stay, marked as removed. Only who is bound by no policy can remove them for good. */
function isSoft({ plan, scoping }: BoundModel, { forGood }: RemoveOptions): boolean {
  if (!plan.model.softDelete) return false
  if (forGood && scoping.isBound)
    throw new TypeError(
      `Rows of ${plan.model.table} are removed softly; for good by everyone(…) or system(…) alone.`,
    )
  return !forGood
}
