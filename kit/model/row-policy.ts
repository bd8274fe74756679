import type { Instant } from '#kit/core'
import type { Exposure, Field } from './field.ts'
import type { Role } from './role.ts'

/** A value that a field can be compared with. */
export type Scalar = string | number | boolean
export type PolicyOperator = 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte'

/** What a field is compared with. */
export type Operand =
  | { readonly kind: 'value'; readonly value: Scalar }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'actor' }
  | { readonly kind: 'now' }

/**
 * A condition on a row and whoever asks, as data. As in SQL it holds, does not hold, or is unknown (where a null is
 * compared); a row is reached only where it holds.
 */
export type Rule =
  | {
      readonly kind: 'compare'
      readonly field: string
      readonly operator: PolicyOperator
      readonly to: Operand
    }
  | { readonly kind: 'in'; readonly field: string; readonly values: readonly Scalar[] }
  | { readonly kind: 'null'; readonly field: string }
  | { readonly kind: 'role'; readonly role: Role }
  | { readonly kind: 'all'; readonly rules: readonly Rule[] }
  | { readonly kind: 'any'; readonly rules: readonly Rule[] }
  | { readonly kind: 'not'; readonly rule: Rule }
  | { readonly kind: 'always'; readonly holds: boolean }

type RuleOf<K extends Rule['kind']> = Extract<Rule, { readonly kind: K }>

/** What to make of each kind of rule. */
export type RuleVisitor<T> = { readonly [K in Rule['kind']]: (rule: RuleOf<K>) => T }

export function visitRule<T>(rule: Rule, visitor: RuleVisitor<T>): T {
  return (visitor[rule.kind] as (rule: Rule) => T)(rule)
}

/** Who reaches which rows, where the words of `Access` do not suffice. */
export interface RowPolicy {
  /** Who may try at all. */
  readonly least: 'anyone' | Role
  readonly rule: Rule
}

/** Something with a value of this type when the statement runs. */
export interface Term<V> {
  readonly operand: Operand
  /** For the types alone; never there at run time. */
  readonly valueType?: V
}

interface EqualTerm<V> extends Term<V> {
  eq(to: V | Term<V>): Rule
  ne(to: V | Term<V>): Rule
  in(values: readonly V[]): Rule
  isNull(): Rule
}

/** Texts, choices and ids are in no order here: only numbers, instants and dates are. */
interface OrderedTerm<V> extends EqualTerm<V> {
  lt(to: V | Term<V>): Rule
  lte(to: V | Term<V>): Rule
  gt(to: V | Term<V>): Rule
  gte(to: V | Term<V>): Rule
}

interface NullTerm {
  isNull(): Rule
}

export type AnyTerm = OrderedTerm<Scalar>

type TermOf<V> = [V] extends [boolean]
  ? EqualTerm<boolean>
  : [V] extends [string | number]
    ? OrderedTerm<V>
    : NullTerm

/** What a row policy is made of: the fields of the row, whoever asks, the present moment. */
export interface PolicyParts<Fields> {
  readonly row: {
    readonly [K in keyof Fields]: Fields[K] extends Field<infer V, boolean, boolean, Exposure>
      ? TermOf<V>
      : never
  }
  readonly actor: {
    /** Null where nobody is signed in: no comparison with it holds then. */
    readonly id: Term<string>
    /** Whether the actor has this role or a higher one. */
    hasRole(role: Role): Rule
  }
  readonly now: Term<Instant>
  all(...rules: readonly Rule[]): Rule
  any(...rules: readonly Rule[]): Rule
  not(rule: Rule): Rule
}

/**
 * A row policy as a model declares it. `where` is called once, when the model is defined: what it returns is data.
 * It sees no values, only what stands for them.
 */
export interface RowPolicySpec<Fields> {
  readonly least: 'anyone' | Role
  readonly where: (parts: PolicyParts<Fields>) => Rule
}
