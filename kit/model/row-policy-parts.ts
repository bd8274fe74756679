import type { AnyField, FieldMap } from './field.ts'
import { type Role, roles } from './role.ts'
import type {
  AnyTerm,
  Operand,
  PolicyOperator,
  PolicyParts,
  RowPolicy,
  RowPolicySpec,
  Rule,
  Scalar,
  Term,
} from './row-policy.ts'

/** Calls the declared function with what stands for the values. Throws TypeError for a rule that no engine could run. */
export function toRowPolicy(spec: RowPolicySpec<never>, fields: FieldMap): RowPolicy {
  if (spec.least !== 'anyone') assertRole(spec.least)
  const where = spec.where as (parts: PolicyParts<Record<string, AnyField>>) => Rule
  const rule = where({
    row: rowOf(fields) as never,
    actor: Object.freeze({
      id: term<string>({ kind: 'actor' }),
      hasRole: (role: Role) => frozen({ kind: 'role', role: assertRole(role) }),
    }),
    now: term({ kind: 'now' }),
    all: (...rules) => frozen({ kind: 'all', rules: Object.freeze(rules.map(assertRule)) }),
    any: (...rules) => frozen({ kind: 'any', rules: Object.freeze(rules.map(assertRule)) }),
    not: (inner) => frozen({ kind: 'not', rule: assertRule(inner) }),
  })
  return Object.freeze({ least: spec.least, rule: assertRule(rule) })
}

const made = new WeakSet<object>()

function frozen(rule: Rule): Rule {
  made.add(Object.freeze(rule))
  return rule
}

/** A JavaScript condition in the place of a rule would be decided once for all. */
function assertRule(rule: Rule): Rule {
  if (typeof rule === 'object' && rule !== null && made.has(rule)) return rule
  throw new TypeError(`A row policy is made of rules such as row.is_public.eq(true), not ${rule}.`)
}

function assertRole(role: Role): Role {
  if (roles.includes(role)) return role
  throw new TypeError(`"${role}" is no role.`)
}

function term<V>(operand: Operand): Term<V> {
  return Object.freeze({ operand: Object.freeze(operand) })
}

/** The row's terms. A name that is no field is a mistake, not undefined. */
function rowOf(fields: FieldMap): Readonly<Record<string, AnyTerm>> {
  const terms = Object.fromEntries(
    Object.keys(fields).map((name) => [name, termOf(name, fields)] as const),
  )
  return new Proxy(Object.freeze(terms), {
    get: (known, name) => {
      if (typeof name === 'string' && Object.hasOwn(known, name)) return known[name]
      throw new TypeError(`A row policy names "${String(name)}", which is no field.`)
    },
  })
}

function termOf(name: string, fields: FieldMap): AnyTerm {
  const compare = (operator: PolicyOperator) => (to: Scalar | Term<Scalar>) =>
    frozen({ kind: 'compare', field: name, operator, to: operandFor(name, to, fields) })
  const inOrder = (operator: PolicyOperator) => {
    const make = compare(operator)
    return (to: Scalar | Term<Scalar>) => {
      if (!fields[name]?.spec.use.kind.operators.includes('gt'))
        throw new TypeError(`A row policy cannot order ${name}: its kind knows no order.`)
      return make(to)
    }
  }
  return Object.freeze({
    operand: Object.freeze({ kind: 'field', name } as const),
    eq: compare('eq'),
    ne: compare('ne'),
    lt: inOrder('lt'),
    lte: inOrder('lte'),
    gt: inOrder('gt'),
    gte: inOrder('gte'),
    in: (values: readonly Scalar[]) =>
      frozen({
        kind: 'in',
        field: name,
        values: Object.freeze(values.map((value) => valueFor(name, value, fields))),
      }),
    isNull: () => frozen({ kind: 'null', field: name }),
  })
}

function operandFor(name: string, to: Scalar | Term<Scalar>, fields: FieldMap): Operand {
  if (typeof to !== 'object' || to === null || !('operand' in to))
    return Object.freeze({ kind: 'value', value: valueFor(name, to as Scalar, fields) })
  const { operand } = to
  if (operand.kind === 'field') {
    const [one, other] = [fields[name], fields[operand.name]].map((field) => field?.spec.use.kind)
    if (one?.column.postgres !== other?.column.postgres)
      throw new TypeError(`A row policy compares ${name} with ${operand.name}, of another kind.`)
  }
  // Whether the field could hold such a value at all is asked of a sample of it.
  const sample = samples[operand.kind]
  if (sample !== undefined) valueFor(name, sample, fields)
  return operand
}

const samples: Readonly<Record<string, string>> = {
  actor: '01a1fc4b-cbf0-7435-b817-b44b0500f4e3',
  now: '2026-03-08T09:30:00.000Z',
}

/** The value as rows of this field hold it. */
function valueFor(name: string, value: Scalar, fields: FieldMap): Scalar {
  const use = fields[name]?.spec.use
  const isComparable = use?.kind.operators.includes('eq')
  const parsed = isComparable ? use?.schema.safeParse(value) : undefined
  if (parsed?.success) return parsed.data as Scalar
  throw new TypeError(`A row policy compares ${name} with ${value}, which it cannot hold.`)
}
