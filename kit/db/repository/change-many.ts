import { assertMutable, type BoundModel, type Patch, scopeFor } from './bound-model.ts'
import { checkChanges } from './change-row.ts'
import { type Condition, scopeConditions, whereConditions } from './conditions.ts'
import { applyToMany, eachPortion } from './many-rows.ts'
import type { Scope } from './scope.ts'

export async function changeMany(bound: BoundModel, where: object, patch: Patch): Promise<number> {
  assertMutable(bound.plan.model)
  const scope = scopeFor(bound, 'write')
  const values = await checkChanges(bound, scope, patch)
  if (Object.keys(values).length === 0) return 0
  return eachPortion(bound, conditionsOf(bound, scope, where), (rows) =>
    applyToMany(bound, { action: 'change', rows, values }),
  )
}

/** Those of the scope and of a `where` that means what it says: one that came without its value means all rows. */
export function conditionsOf({ plan }: BoundModel, scope: Scope, where: object): Condition[] {
  for (const [name, wanted] of Object.entries(where))
    if (wanted === undefined || isEmptyComparison(wanted))
      throw new TypeError(`${plan.model.name}: the condition on ${name} has no value.`)
  return [...scopeConditions(plan, scope), ...whereConditions(plan, where)]
}

function isEmptyComparison(wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return false
  const values = Object.values(wanted)
  return values.length === 0 || values.includes(undefined)
}
