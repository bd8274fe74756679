import { type Fault, invalidInput } from '#kit/core'
import type { AnyModel } from '#kit/model'
import type { Binding, ColumnRow } from '../types.ts'
import { allOf, type Condition, scopeConditions, shapeOf, valuesOf } from './conditions.ts'
import { type ModelPlan, planOf } from './model-plan.ts'
import type { Scoping } from './scope.ts'
import { slot, toStatement } from './slots.ts'

interface Referring {
  readonly scoping: Scoping
  readonly values: ColumnRow
}

/**
 * A row may refer only to rows that its writer may read. Throws `invalid`, in the same words for a row
 * that is another's and one that is not there. The database checks the references of unbound writers.
 */
export async function assertReferences(
  plan: ModelPlan,
  binding: Binding,
  referring: Referring,
): Promise<void> {
  if (!referring.scoping.isBound) return
  const faults: Fault[] = []
  for (const [name, target] of guardedReferences(plan.model)) {
    const id = referring.values[name]
    if (id === undefined || id === null) continue
    if (
      !(await isReadable(planOf(target, plan.dialect), binding, { scoping: referring.scoping, id }))
    )
      faults.push({ path: name, code: 'reference', message: `There is no such ${target.name}.` })
  }
  if (faults.length > 0) throw invalidInput(faults)
}

const known = new WeakMap<AnyModel, readonly (readonly [string, AnyModel])[]>()

/** The references whose targets not everyone may read. The owner's column is set by us. */
function guardedReferences(model: AnyModel): readonly (readonly [string, AnyModel])[] {
  const found = known.get(model)
  if (found) return found
  const references = Object.entries(model.fields).flatMap(([name, { spec }]) => {
    const target = spec.use.references?.model()
    const isGuarded =
      target && name !== model.owner && (target.access.read !== 'anyone' || target.softDelete)
    return isGuarded ? [[name, target] as const] : []
  })
  known.set(model, references)
  return references
}

async function isReadable(
  plan: ModelPlan,
  { executor }: Binding,
  { scoping, id }: { scoping: Scoping; id: unknown },
): Promise<boolean> {
  const byId: Condition = {
    shape: 'id',
    build: (eb) => eb('id', '=', slot('id')),
    values: { id: plan.encode('id', id) },
  }
  const conditions = [byId, ...scopeConditions(plan, scoping.scopeOf(plan.model, 'read'))]
  const statement = plan.statement(`exists ${shapeOf(conditions)}`, () =>
    toStatement(
      plan.dialect.compiler
        .selectFrom(plan.model.table)
        .select('id')
        .where(allOf(plan, conditions)),
    ),
  )
  const values = valuesOf(conditions)
  const rows = await executor.all(
    statement,
    statement.slots.map((name) => values[name] ?? null),
  )
  return rows.length > 0
}
