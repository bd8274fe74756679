import { type Fault, invalidInput } from '#kit/core'
import type { AnyModel } from '#kit/model'
import type { ColumnRow } from '../types.ts'
import { type BoundModel, bindSlots, idConditions, scopeFor, statementFor } from './bound-model.ts'
import { valuesOf } from './conditions.ts'
import { planOf } from './model-plan.ts'

/**
 * A row may refer only to rows that its writer may read. Throws `invalid`, in the same words for a row
 * that is another's and one that is not there. The database checks the references of unbound writers.
 */
export function assertReferences(bound: BoundModel, values: ColumnRow): Promise<void> | undefined {
  if (!bound.scoping.isBound) return undefined
  const guarded = guardedReferences(bound.plan.model)
  return guarded.length === 0 ? undefined : check(bound, values, guarded)
}

type References = readonly (readonly [string, AnyModel])[]

async function check(bound: BoundModel, values: ColumnRow, references: References): Promise<void> {
  const faults: Fault[] = []
  for (const [name, target] of references) {
    const id = values[name]
    if (id === undefined || id === null) continue
    const plan = planOf(target, bound.plan.dialect)
    if (!(await isReadable({ ...bound, plan }, id)))
      faults.push({ path: name, code: 'reference', message: `There is no such ${target.name}.` })
  }
  if (faults.length > 0) throw invalidInput(faults)
}

const known = new WeakMap<AnyModel, References>()

/** The references whose targets not everyone may read. The owner's column is set by us. */
function guardedReferences(model: AnyModel): References {
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

async function isReadable(bound: BoundModel, id: unknown): Promise<boolean> {
  const { plan, binding } = bound
  const conditions = idConditions(plan, scopeFor(bound, 'read'), id)
  const statement = statementFor(plan, { verb: 'exists', conditions }, (model, { compiler }) =>
    compiler.selectFrom(model.table).select('id'),
  )
  const rows = await binding.executor.all(statement, bindSlots(statement, valuesOf(conditions)))
  return rows.length > 0
}
