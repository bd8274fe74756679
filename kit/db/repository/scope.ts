import { Problem } from '#kit/core'
import {
  type Access,
  type Actor,
  type AnyModel,
  accessWord,
  isAllowed,
  type RowPolicy,
} from '#kit/model'
import { type RowScope, rowScopeOf } from './row-scope.ts'

/** Which rows of a model a repository reaches. */
export interface Scope {
  /** Where rows are bound to an owner: who. */
  readonly ownerId: string | undefined
  /** Whether softly removed rows do not exist. */
  readonly isActiveOnly: boolean
  /** What the model's row policies say beyond that. */
  readonly rows: RowScope | undefined
  /** Names the scope in the shape of a statement. */
  readonly key: string
}

const everything = { ownerId: undefined, rows: undefined }
const unbound: Scope = Object.freeze({ ...everything, isActiveOnly: false, key: 'all' })
const active: Scope = Object.freeze({ ...everything, isActiveOnly: true, key: 'active' })

/** Decides which rows a repository reaches. */
export interface Scoping {
  /** Whether it stands for an actor. */
  readonly isBound: boolean
  /** The scope of a verb. Throws where the actor may not use the model so. */
  scopeOf(model: AnyModel, verb: 'read' | 'write'): Scope
}

/** All rows, whoever asks. */
export const unboundScoping: Scoping = Object.freeze({ isBound: false, scopeOf: () => unbound })

/** The rows that the models' policies give this actor. */
export function scopingOf(actor: Actor, nowMs: () => number): Scoping {
  return new ActorScoping(actor, nowMs)
}

/** One is made for each request: its methods stand on the prototype. */
class ActorScoping implements Scoping {
  readonly isBound = true
  readonly #actor: Actor
  readonly #nowMs: () => number

  constructor(actor: Actor, nowMs: () => number) {
    this.#actor = actor
    this.#nowMs = nowMs
  }

  scopeOf(model: AnyModel, verb: 'read' | 'write'): Scope {
    const actor = this.#actor
    assertAllowed(actor, model.access[verb])
    const scope = scopeOfWord(model, verb, actor)
    const rows = rowScopeOf(model, verb, { actor, nowMs: this.#nowMs })
    return rows ? { ...scope, rows, key: `${scope.key}+${rows.key}` } : scope
  }
}

function scopeOfWord(model: AnyModel, verb: 'read' | 'write', actor: Actor): Scope {
  if (model.access[verb] !== 'owner') return model.softDelete ? active : unbound
  const ownerId = actor.id ?? undefined
  return model.softDelete
    ? { ownerId, isActiveOnly: true, rows: undefined, key: 'owner+active' }
    : { ownerId, isActiveOnly: false, rows: undefined, key: 'owner' }
}

export function assertAllowed(actor: Actor, access: Access | RowPolicy): void {
  if (isAllowed(actor, access)) return
  if (actor.id === null) throw new Problem('unauthenticated', 'Sign in first.')
  const word = accessWord(access)
  throw new Problem('forbidden', `This is for ${word === 'admin' ? 'admins' : word} only.`)
}
