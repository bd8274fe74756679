import type { Actor } from './access.ts'
import { hasRole, type Role } from './role.ts'
import {
  type Operand,
  type PolicyOperator,
  type Rule,
  type RuleVisitor,
  type Scalar,
  visitRule,
} from './row-policy.ts'

/** Null is "unknown", as in SQL. */
type Truth = boolean | null

export interface Circumstances {
  readonly row: Readonly<Record<string, unknown>>
  readonly actor: Actor
  /** An instant. */
  readonly now: string
}

/** Whether the rule holds of a row that is no statement's: one that is about to be written. As SQL decides it. */
export function holds(rule: Rule, circumstances: Circumstances): boolean {
  return truthOf(rule, circumstances) === true
}

function truthOf(rule: Rule, circumstances: Circumstances): Truth {
  const { row, actor } = circumstances
  const inner = (one: Rule) => truthOf(one, circumstances)
  const visitor: RuleVisitor<Truth> = {
    compare: ({ field, operator, to }) =>
      compare(operator, row[field], operandValue(to, circumstances)),
    in: ({ field, values }) =>
      values.length === 0
        ? false
        : disjunction(values.map((value) => compare('eq', row[field], value))),
    null: ({ field }) => isNull(row[field]),
    role: ({ role }) => hasRole(actor.role, role),
    all: ({ rules }) => negation(disjunction(rules.map((one) => negation(inner(one))))),
    any: ({ rules }) => disjunction(rules.map(inner)),
    not: ({ rule: one }) => negation(inner(one)),
    always: ({ holds: truth }) => truth,
  }
  return visitRule(rule, visitor)
}

function operandValue(operand: Operand, { row, actor, now }: Circumstances): unknown {
  if (operand.kind === 'value') return operand.value
  if (operand.kind === 'field') return row[operand.name]
  return operand.kind === 'actor' ? actor.id : now
}

/** Numbers as numbers; instants and dates as their text, whose order is theirs. Other kinds are never ordered. */
const comparisons: Readonly<Record<PolicyOperator, (a: Scalar, b: Scalar) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  lte: (a, b) => a <= b,
  gt: (a, b) => a > b,
  gte: (a, b) => a >= b,
}

function compare(operator: PolicyOperator, a: unknown, b: unknown): Truth {
  if (isNull(a) || isNull(b)) return null
  return comparisons[operator](a as Scalar, b as Scalar)
}

function isNull(value: unknown): boolean {
  return value === null || value === undefined
}

function disjunction(truths: readonly Truth[]): Truth {
  if (truths.includes(true)) return true
  return truths.includes(null) ? null : false
}

function negation(truth: Truth): Truth {
  return truth === null ? null : !truth
}

const always = (truth: boolean): Rule => ({ kind: 'always', holds: truth })

/** The rule for actors of one role: what depends on the role alone is decided. */
export function forRole(rule: Rule, role: Role | null): Rule {
  const inner = (one: Rule) => forRole(one, role)
  return visitRule<Rule>(rule, {
    compare: (same) => same,
    in: (same) => (same.values.length === 0 ? always(false) : same),
    null: (same) => same,
    role: ({ role: least }) => always(hasRole(role, least)),
    all: ({ rules }) => joined('all', rules.map(inner)),
    any: ({ rules }) => joined('any', rules.map(inner)),
    not: ({ rule: one }) => negated(inner(one)),
    always: (same) => same,
  })
}

/** One that is false decides `all`, one that is true decides `any`; the opposite changes nothing. */
function joined(kind: 'all' | 'any', rules: readonly Rule[]): Rule {
  const deciding = kind === 'any'
  if (rules.some((rule) => rule.kind === 'always' && rule.holds === deciding))
    return always(deciding)
  const open = rules.filter((rule) => rule.kind !== 'always')
  const [only] = open
  if (only === undefined) return always(!deciding)
  return open.length === 1 ? only : { kind, rules: open }
}

function negated(rule: Rule): Rule {
  return rule.kind === 'always' ? always(!rule.holds) : { kind: 'not', rule }
}

/** The fields that a rule asks for. */
export function fieldsIn(rule: Rule): ReadonlySet<string> {
  const inner = (rules: readonly Rule[]) => rules.flatMap((one) => [...fieldsIn(one)])
  const names = visitRule<readonly string[]>(rule, {
    compare: ({ field, to }) => (to.kind === 'field' ? [field, to.name] : [field]),
    in: ({ field }) => [field],
    null: ({ field }) => [field],
    role: () => [],
    all: ({ rules }) => inner(rules),
    any: ({ rules }) => inner(rules),
    not: ({ rule: one }) => inner([one]),
    always: () => [],
  })
  return new Set(names)
}
