import type { AnyModel } from '#kit/model'
import type { BoundTo } from '../../bound-to.ts'
import { type ModelPlan, planOf } from '../../repository/model-plan.ts'
import { referrersTo } from '../../repository/referrers.ts'
import type { Binding, Dialect, Executor, Unit } from '../../types.ts'

/** A reference of one model's rows to another's. */
export interface Referrer {
  readonly plan: ModelPlan
  readonly field: string
  /** Whether the rows go, or let go, with what they refer to, and nobody would look them up: they are not audited. */
  readonly isUnrecorded: boolean
}

/** What the steps of one undo share. */
export interface UndoContext {
  readonly executor: Unit
  readonly dialect: Dialect
  readonly binding: Binding
  /** The model of this name, or that had it before. */
  readonly modelNamed: (name: string) => AnyModel | undefined
  readonly planOf: (model: AnyModel) => ModelPlan
  /** The references to this model's rows. */
  readonly referrersTo: (model: AnyModel) => readonly Referrer[]
}

/** Throws TypeError for repositories that cannot be used to undo. */
export function createUndoContext({ database, binding, scoping }: BoundTo): UndoContext {
  const { dialect, models } = database
  if (!models)
    throw new TypeError('To undo, all models must be known: openDatabase(config, { models, … }).')
  if (scoping.isBound)
    throw new TypeError('Only repositories that reach all rows can undo: everyone, system.')
  const toPlan = (model: AnyModel) => planOf(model, dialect)
  const referrers = new Map<AnyModel, readonly Referrer[]>()
  return {
    executor: toUnit(binding.executor),
    dialect,
    binding,
    modelNamed: (name) =>
      models.find((model) => model.name === name) ?? models.find((model) => model.was === name),
    planOf: toPlan,
    referrersTo: (model) => {
      const found = referrers.get(model) ?? findReferrers(models, model, toPlan)
      referrers.set(model, found)
      return found
    },
  }
}

function toUnit(executor: Executor): Unit {
  if ('record' in executor) return executor as Unit
  throw new TypeError('What is undone is undone in a unit of work: database.write(…).')
}

function findReferrers(
  models: readonly AnyModel[],
  target: AnyModel,
  toPlan: (model: AnyModel) => ModelPlan,
): Referrer[] {
  const recorded = new Set(
    referrersTo(models, target).map(({ model, field }) => `${model.table}.${field}`),
  )
  return models.flatMap((model) =>
    Object.entries(model.fields).flatMap(([field, { spec }]) => {
      const { references } = spec.use
      if (references?.model().table !== target.table) return []
      const isUnrecorded =
        references.onDelete !== 'restrict' && !recorded.has(`${model.table}.${field}`)
      return [{ plan: toPlan(model), field, isUnrecorded }]
    }),
  )
}
