import type { Expression, ExpressionBuilder, SqlBool } from 'kysely'
import { type Fault, invalidInput } from '#kit/core'
import { type AnyModel, isStorable, type Operator } from '#kit/model'
import type { ColumnRow, Dialect, Value } from '../types.ts'
import type { ModelPlan } from './model-plan.ts'
import { ruleCondition } from './rule-condition.ts'
import type { Scope } from './scope.ts'
import { signs } from './signs.ts'
import { slot } from './slots.ts'

export type Builder = ExpressionBuilder<Record<string, ColumnRow>, string>
type Build = (builder: Builder, dialect: Dialect) => Expression<SqlBool>

/** One condition: its part of the shape, how to write it, and the values for its slots. */
export interface Condition {
  readonly shape: string
  readonly build: Build
  readonly values: Readonly<Record<string, Value>>
}

/** The conditions of the scope itself. */
export function scopeConditions(plan: ModelPlan, scope: Scope): Condition[] {
  const { owner } = plan.model
  const conditions: Condition[] = []
  if (scope.ownerId !== undefined && owner !== undefined)
    conditions.push({
      shape: 'owner',
      build: (eb) => eb(owner, '=', slot('owner')),
      values: { owner: scope.ownerId },
    })
  if (scope.isActiveOnly) conditions.push(activity(plan, true))
  const rule = scope.rows && ruleCondition(plan, scope.rows)
  if (rule) conditions.push(rule)
  return conditions
}

export function activity(plan: ModelPlan, isActive: boolean): Condition {
  return {
    shape: `active=${isActive}`,
    build: (eb) => eb('is_active', '=', slot('active')),
    values: { active: plan.encode('is_active', isActive) },
  }
}

/** The conditions of a `where`. Throws `invalid` for a field that is none and a value that cannot be compared. */
export function whereConditions(plan: ModelPlan, where: object | undefined): Condition[] {
  if (!where) return []
  const faults: Fault[] = []
  const conditions: Condition[] = []
  for (const [name, wanted] of Object.entries(where)) {
    if (wanted === undefined) continue
    const comparisons = comparisonsOf(wanted)
    const fault = comparisonFault(plan.model, name, comparisons)
    if (fault) faults.push(fault)
    else
      for (const [operator, value] of comparisons)
        conditions.push(comparison(plan, { name, operator, value }))
  }
  if (faults.length > 0) throw invalidInput(faults)
  return conditions
}

function comparisonFault(
  model: AnyModel,
  path: string,
  comparisons: readonly [Operator, unknown][],
): Fault | undefined {
  if (!model.fields[path]) return { path, code: 'unknown', message: 'Is not a field.' }
  const areComparable = comparisons.every(([, value]) => isComparable(value))
  return areComparable ? undefined : { path, code: 'invalid', message: unstorable }
}

const unstorable = 'Must not hold NUL characters or lone surrogates.'

/** No row holds such a text, and PostgreSQL takes none to look for. */
function isComparable(value: unknown): boolean {
  if (typeof value === 'string') return isStorable(value)
  return !Array.isArray(value) || value.every(isComparable)
}

function comparisonsOf(wanted: unknown): [Operator, unknown][] {
  const isPlain = typeof wanted !== 'object' || wanted === null
  return isPlain ? [['eq', wanted]] : (Object.entries(wanted) as [Operator, unknown][])
}

interface Comparison {
  readonly name: string
  readonly operator: Operator
  readonly value: unknown
}

function comparison(plan: ModelPlan, { name, operator, value }: Comparison): Condition {
  if (value === null || value === undefined) return nullness(name, operator)
  if (operator === 'in') return membership(plan, name, value as readonly unknown[])
  const key = `${name}_${operator}`
  const folds = ignoresCase(plan.model, name) && (operator === 'eq' || operator === 'ne')
  return {
    shape: `${name}.${operator}`,
    build: (eb, { fold }) =>
      folds
        ? eb(fold(eb.ref(name)), signs[operator], fold(slot(key)))
        : eb(name, signs[operator], slot(key)),
    values: { [key]: plan.encode(name, value) },
  }
}

function nullness(name: string, operator: Operator): Condition {
  const sign = operator === 'ne' ? 'is not' : 'is'
  return { shape: `${name} ${sign} null`, build: (eb) => eb(name, sign, null), values: {} }
}

function membership(plan: ModelPlan, name: string, values: readonly unknown[]): Condition {
  const keys = values.map((_, index) => `${name}_in_${index}`)
  const folds = ignoresCase(plan.model, name)
  return {
    shape: `${name}.in${values.length}`,
    build: (eb, { fold }) => {
      if (keys.length === 0) return eb.lit(false)
      return folds
        ? eb(
            fold(eb.ref(name)),
            'in',
            keys.map((key) => fold(slot(key))),
          )
        : eb(name, 'in', keys.map(slot))
    },
    values: Object.fromEntries(keys.map((key, index) => [key, plan.encode(name, values[index])])),
  }
}

function ignoresCase(model: AnyModel, name: string): boolean {
  return model.fields[name]?.spec.unique?.ignoreCase ?? false
}

/** Rows in one of whose fields the text occurs, letter by letter; in a derived one what is derived from the text. */
export function searchCondition(
  model: AnyModel,
  text: string,
  fields: readonly string[],
): Condition {
  if (!isStorable(text)) throw invalidInput([{ path: 'q', code: 'invalid', message: unstorable }])
  return {
    shape: `search(${fields.join(',')})`,
    build: (eb, { contains }) =>
      eb.or(fields.map((name) => contains(eb.ref(name), slot(`search_${name}`)))),
    values: Object.fromEntries(
      fields.map((name) => [`search_${name}`, model.fields[name]?.spec.derived?.of(text) ?? text]),
    ),
  }
}

/** The shape of all of them, for the key of a kept statement. */
export function shapeOf(conditions: readonly Condition[]): string {
  return conditions.map(({ shape }) => shape).join('&')
}

export function valuesOf(conditions: readonly Condition[]): Record<string, Value> {
  return Object.assign({}, ...conditions.map(({ values }) => values))
}

/** All of them joined by `and`. */
export function allOf(plan: ModelPlan, conditions: readonly Condition[]) {
  return (eb: Builder) => eb.and(conditions.map(({ build }) => build(eb, plan.dialect)))
}
