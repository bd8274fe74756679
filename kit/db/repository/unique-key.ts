import { type Expression, sql } from 'kysely'
import { invalidInput } from '#kit/core'
import type { AnyModel } from '#kit/model'
import type { ColumnRow } from '../types.ts'
import type { Condition } from './conditions.ts'
import type { ModelPlan } from './model-plan.ts'
import { slot } from './slots.ts'

/** The fields that tell a row from all others. */
export interface UniqueKey {
  readonly fields: readonly string[]
  /** What the unique index is on, as ON CONFLICT names it. */
  readonly target: Expression<unknown>
  /** Those of the row with these values. */
  readonly conditions: readonly Condition[]
}

/** Throws TypeError where no unique index is on just these fields, for all rows; `invalid` where one has no value. */
export function uniqueKeyOf(plan: ModelPlan, key: Readonly<ColumnRow>): UniqueKey {
  const fields = Object.keys(key).sort()
  const ignoresCase = uniqueIndexOn(plan.model, fields)
  assertGiven(fields, key)
  const { fold } = plan.dialect
  const folds = (name: string) =>
    ignoresCase && (plan.model.fields[name]?.spec.use.kind.isText ?? false)
  const partOf = (name: string, of: Expression<unknown>) => (folds(name) ? fold(of) : of)
  return {
    fields,
    target: sql.join(fields.map((name) => partOf(name, sql.ref(name)))),
    conditions: fields.map((name) => ({
      shape: `${name}${folds(name) ? '~' : '='}`,
      build: (eb) => eb(partOf(name, eb.ref(name)), '=', partOf(name, slot(`key_${name}`))),
      values: { [`key_${name}`]: plan.encode(name, key[name]) },
    })),
  }
}

/** Whether the index ignores case. */
function uniqueIndexOn(model: AnyModel, fields: readonly string[]): boolean {
  const wanted = fields.join()
  if (wanted === 'id') return false
  const index = model.indexes.find(
    (each) => each.unique && each.where === undefined && [...each.fields].sort().join() === wanted,
  )
  if (index) return index.ignoreCase
  throw new TypeError(
    `${model.name}: no unique index is on just ${fields.join(', ') || 'nothing'}.`,
  )
}

function assertGiven(fields: readonly string[], key: Readonly<ColumnRow>): void {
  const faults = fields
    .filter((name) => key[name] === undefined || key[name] === null)
    .map((path) => ({ path, code: 'required', message: 'Is required.' }))
  if (faults.length > 0) throw invalidInput(faults)
}
