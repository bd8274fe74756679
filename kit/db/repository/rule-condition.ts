import type { Expression, SqlBool } from 'kysely'
import { type Operand, type Rule, type Scalar, visitRule } from '#kit/model'
import type { Value } from '../types.ts'
import type { Builder, Condition } from './conditions.ts'
import type { ModelPlan } from './model-plan.ts'
import type { RowScope } from './row-scope.ts'
import { signs } from './signs.ts'
import { slot } from './slots.ts'

type FreeOperand = Exclude<Operand, { readonly kind: 'field' }>

/** How a statement names the columns of the row and what they are compared with. */
export interface RulePlaces {
  readonly column: (name: string) => Expression<never>
  /** `field` is the one that the operand is compared with. */
  readonly operand: (operand: FreeOperand, field: string) => Expression<never>
}

/** A rule in SQL. */
export function ruleExpression(eb: Builder, rule: Rule, places: RulePlaces): Expression<SqlBool> {
  const { column, operand } = places
  const inner = (one: Rule) => eb.parens(ruleExpression(eb, one, places))
  return visitRule<Expression<SqlBool>>(rule, {
    compare: ({ field, operator, to }) =>
      eb(
        column(field),
        signs[operator],
        to.kind === 'field' ? column(to.name) : operand(to, field),
      ),
    in: ({ field, values }) =>
      values.length === 0
        ? eb.lit(false)
        : eb(
            column(field),
            'in',
            values.map((value) => operand({ kind: 'value', value }, field)),
          ),
    null: ({ field }) => eb(column(field), 'is', null),
    role: ({ role }) => {
      throw new TypeError(`The role ${role} is decided before there is a statement.`)
    },
    all: ({ rules }) => eb.and(rules.map(inner)),
    any: ({ rules }) => eb.or(rules.map(inner)),
    not: ({ rule: one }) => eb.not(inner(one)),
    always: ({ holds }) => eb.lit(holds),
  })
}

/** The condition that row policies are; undefined where they leave all rows. */
export function ruleCondition(plan: ModelPlan, rows: RowScope): Condition | undefined {
  const { reached } = rows
  if (!reached) return undefined
  return {
    shape: rows.key,
    build: (eb) =>
      ruleExpression(eb, reached, {
        column: (name) => eb.ref(name) as Expression<never>,
        operand: (operand, field) => slot(slotName(operand, field)),
      }),
    values: {
      ...fixedValues(plan, reached),
      [slotName({ kind: 'actor' }, '')]: rows.actor.id,
      [slotName({ kind: 'now' }, '')]: rows.now,
    },
  }
}

function slotName(operand: FreeOperand, field: string): string {
  if (operand.kind !== 'value') return `rule ${operand.kind}`
  return `rule ${field} ${JSON.stringify(operand.value)}`
}

const known = new WeakMap<ModelPlan, WeakMap<Rule, Readonly<Record<string, Value>>>>()

/** The values that stand in the rule itself, as columns hold them. */
function fixedValues(plan: ModelPlan, rule: Rule): Readonly<Record<string, Value>> {
  const ofPlan = known.get(plan) ?? new WeakMap<Rule, Readonly<Record<string, Value>>>()
  const found = ofPlan.get(rule)
  if (found) return found
  const fixed: Record<string, Value> = {}
  for (const [field, value] of valuesIn(rule))
    fixed[slotName({ kind: 'value', value }, field)] = plan.encode(field, value)
  known.set(plan, ofPlan.set(rule, fixed))
  return fixed
}

function valuesIn(rule: Rule): (readonly [field: string, value: Scalar])[] {
  return visitRule<(readonly [string, Scalar])[]>(rule, {
    compare: ({ field, to }) => (to.kind === 'value' ? [[field, to.value]] : []),
    in: ({ field, values }) => values.map((value) => [field, value]),
    null: () => [],
    role: () => [],
    all: ({ rules }) => rules.flatMap(valuesIn),
    any: ({ rules }) => rules.flatMap(valuesIn),
    not: ({ rule: inner }) => valuesIn(inner),
    always: () => [],
  })
}
