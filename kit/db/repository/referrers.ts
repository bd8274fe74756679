import type { AnyModel } from '#kit/model'
import type { BoundModel } from './bound-model.ts'

/** A field that refers to a model, and what the database does to its row when the other is removed for good. */
export interface Referrer {
  readonly model: AnyModel
  readonly field: string
  readonly onDelete: 'cascade' | 'set null'
}

const known = new WeakMap<readonly AnyModel[], Map<string, readonly Referrer[]>>()

/**
 * The fields whose rows are removed or changed along with a row of this model, in a way that must be recorded. Throws
 * TypeError where the models of the database are not known: what happens to them would be missing in the audit trail.
 */
export function referrersOf({ plan, models }: Pick<BoundModel, 'plan' | 'models'>) {
  const { model } = plan
  if (models) return referrersTo(models, model)
  if (!model.isAudited) return []
  throw new TypeError(
    `To remove a ${model.name} for good all models must be known: openDatabase(config, { models, … }).`,
  )
}

export function referrersTo(models: readonly AnyModel[], model: AnyModel): readonly Referrer[] {
  const byTable = known.get(models) ?? new Map<string, readonly Referrer[]>()
  known.set(models, byTable)
  const found = byTable.get(model.table)
  if (found) return found
  const referrers = allReferrers(models, model).filter((referrer) =>
    isConcerned(models, referrer, new Set()),
  )
  byTable.set(model.table, referrers)
  return referrers
}

function allReferrers(models: readonly AnyModel[], target: AnyModel): Referrer[] {
  return models.flatMap((model) =>
    Object.entries(model.fields).flatMap(([field, { spec }]) => {
      const reference = spec.use.references
      if (!reference || reference.model().table !== target.table) return []
      const { onDelete } = reference
      return onDelete === 'restrict' ? [] : [{ model, field, onDelete }]
    }),
  )
}

/** Whether a write to its rows is recorded, or one to rows that go with them. */
function isConcerned(
  models: readonly AnyModel[],
  { model, onDelete }: Referrer,
  seen: Set<string>,
): boolean {
  if (model.isAudited) return true
  if (onDelete === 'set null' || seen.has(model.table)) return false
  seen.add(model.table)
  return allReferrers(models, model).some((referrer) => isConcerned(models, referrer, seen))
}

/** Whether a field of the model refers to the other. */
export function refersTo(model: AnyModel, other: AnyModel): boolean {
  return Object.values(model.fields).some(
    ({ spec }) => spec.use.references?.model().table === other.table,
  )
}
