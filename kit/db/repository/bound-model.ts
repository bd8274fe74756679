import type { CompiledQuery } from 'kysely'
import { Problem } from '#kit/core'
import { type AnyModel, titleOf } from '#kit/model'
import type { Binding, Dialect, Statement, Value } from '../types.ts'
import { allOf, type Condition, scopeConditions, shapeOf } from './conditions.ts'
import type { ModelPlan } from './model-plan.ts'
import type { Scope, Scoping } from './scope.ts'
import { slot, toStatement } from './slots.ts'

export type Id = string | number
export type Patch = Readonly<Record<string, unknown>>

/** One model as a repository reaches it, for the time of one request or unit. */
export interface BoundModel {
  readonly plan: ModelPlan
  readonly binding: Binding
  readonly scoping: Scoping
  /** All models of the database, where they were told when it was opened. */
  readonly models: readonly AnyModel[] | undefined
}

/** Starts a statement; its conditions are added to it. */
export type Build = (
  model: AnyModel,
  dialect: Dialect,
) => {
  where(condition: ReturnType<typeof allOf>): { compile(): CompiledQuery }
}

/** The rows that a verb reaches. Throws where the actor may not use the model so, and where nothing is written. */
export function scopeFor({ plan, binding, scoping }: BoundModel, verb: 'read' | 'write'): Scope {
  if (verb === 'write') assertWritable(binding)
  return scoping.scopeOf(plan.model, verb)
}

export function assertWritable({ executor }: Binding): void {
  if (!executor.isWritable)
    throw new TypeError('Nothing is written here: neither in a GET route nor in prepare.')
}

/** Throws TypeError where rows are only ever added. */
export function assertMutable({ name, isInsertOnly }: AnyModel): void {
  if (isInsertOnly) throw new TypeError(`Rows of ${name} are only ever added.`)
}

export function idConditions(plan: ModelPlan, scope: Scope, id: unknown): Condition[] {
  const byId: Condition = {
    shape: 'id',
    build: (eb) => eb('id', '=', slot('id')),
    values: { id: plan.encode('id', id) },
  }
  return [byId, ...scopeConditions(plan, scope)]
}

/** The statement of this verb under these conditions, compiled at its first use. */
export function statementFor(
  plan: ModelPlan,
  { verb, conditions }: { readonly verb: string; readonly conditions: readonly Condition[] },
  build: Build,
): Statement {
  return plan.statement(`${verb} ${shapeOf(conditions)}`, () => compile(plan, conditions, build))
}

export function compile(
  plan: ModelPlan,
  conditions: readonly Condition[],
  build: Build,
): Statement {
  return toStatement(build(plan.model, plan.dialect).where(allOf(plan, conditions)))
}

export function bindSlots(statement: Statement, values: Readonly<Record<string, Value>>): Value[] {
  return statement.slots.map((name) => values[name] ?? null)
}

export function missing(model: AnyModel): never {
  throw new Problem('not_found', `${titleOf(model)} not found.`)
}
