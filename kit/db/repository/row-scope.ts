import { toInstant } from '#kit/core'
import {
  type Access,
  type Actor,
  type AnyModel,
  anonymous,
  forRole,
  isAllowed,
  type Role,
  type RowPolicy,
  type Rule,
} from '#kit/model'

/** What row policies say to one who asks. */
export interface RowScope {
  /** Holds of every row that is reached; undefined where all are. */
  readonly reached: Rule | undefined
  /** Must hold of a row as it is written; undefined where it may be any. */
  readonly written: Rule | undefined
  readonly actor: Actor
  /** The present instant. */
  readonly now: string
  readonly key: string
}

type Verb = 'read' | 'write'
type Rules = Pick<RowScope, 'reached' | 'written' | 'key'>

/** Undefined where the model has no row policy, or none for this verb. */
export function rowScopeOf(
  model: AnyModel,
  verb: Verb,
  { actor, nowMs }: { readonly actor: Actor; readonly nowMs: () => number },
): RowScope | undefined {
  const { read, write } = model.access
  if (typeof read === 'string' && (verb === 'read' || typeof write === 'string')) return undefined
  return { ...rulesFor(model, verb, actor.role), actor, now: toInstant(nowMs()) }
}

const known = new WeakMap<AnyModel, Map<string, Rules>>()

/** What depends on the role alone is decided once for each, so that a statement is compiled once for each. */
function rulesFor(model: AnyModel, verb: Verb, role: Role | null): Rules {
  const key = `${verb}@${role}`
  const ofModel = known.get(model) ?? new Map<string, Rules>()
  const found = ofModel.get(key)
  if (found) return found
  const rules = verb === 'read' ? readRules(model, role) : writeRules(model, role)
  known.set(model, ofModel.set(key, { ...rules, key }))
  return { ...rules, key }
}

function readRules(model: AnyModel, role: Role | null): Omit<Rules, 'key'> {
  return { reached: decided(ruleOf(model, 'read', role), role), written: undefined }
}

/** Nobody writes to a row that he may not read: he would learn of it. */
function writeRules(model: AnyModel, role: Role | null): Omit<Rules, 'key'> {
  const { write } = model.access
  const rules = [ruleOf(model, 'write', role), ruleOf(model, 'read', role)]
  return {
    reached: decided({ kind: 'all', rules }, role),
    written: typeof write === 'object' ? decided(write.rule, role) : undefined,
  }
}

function decided(rule: Rule, role: Role | null): Rule | undefined {
  const left = forRole(rule, role)
  return left.kind === 'always' && left.holds ? undefined : left
}

/** What access says, as a rule. */
function ruleOf(model: AnyModel, verb: Verb, role: Role | null): Rule {
  const access: Access | RowPolicy = model.access[verb]
  if (!isAllowed({ ...anonymous, role }, access)) return { kind: 'always', holds: false }
  if (typeof access === 'object') return access.rule
  return access === 'owner' && model.owner !== undefined
    ? { kind: 'compare', field: model.owner, operator: 'eq', to: { kind: 'actor' } }
    : { kind: 'always', holds: true }
}
