import { Problem } from '#kit/core'
import { type Access, type Actor, type AnyModel, isAllowed } from '#kit/model'

/** Which rows of a model a repository reaches. */
export interface Scope {
  /** Where rows are bound to an owner: who. */
  readonly ownerId: string | undefined
  /** Whether softly removed rows do not exist. */
  readonly isActiveOnly: boolean
  /** Names the scope in the shape of a statement. */
  readonly key: string
}

const unbound: Scope = Object.freeze({ ownerId: undefined, isActiveOnly: false, key: 'all' })
const active: Scope = Object.freeze({ ownerId: undefined, isActiveOnly: true, key: 'active' })

/** Decides which rows a repository reaches. */
export interface Scoping {
  /** Whether it stands for an actor. */
  readonly isBound: boolean
  /** The scope of a verb. Throws where the actor may not use the model so. */
  readonly scopeOf: (model: AnyModel, verb: 'read' | 'write') => Scope
}

/** All rows, whoever asks. */
export const unboundScoping: Scoping = Object.freeze({ isBound: false, scopeOf: () => unbound })

/** The rows that the models' policies give this actor. */
export function scopingOf(actor: Actor): Scoping {
  const ownerId = actor.id ?? undefined
  return {
    isBound: true,
    scopeOf: (model, verb) => {
      const access = model.access[verb]
      assertAllowed(actor, access)
      if (access === 'owner')
        return model.softDelete
          ? { ownerId, isActiveOnly: true, key: 'owner+active' }
          : { ownerId, isActiveOnly: false, key: 'owner' }
      return model.softDelete ? active : unbound
    },
  }
}

export function assertAllowed(actor: Actor, access: Access): void {
  if (isAllowed(actor, access)) return
  if (actor.id === null) throw new Problem('unauthenticated', 'Sign in first.')
  throw new Problem('forbidden', `This is for ${access === 'admin' ? 'admins' : access} only.`)
}
