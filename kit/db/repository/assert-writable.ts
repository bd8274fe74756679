import { Problem } from '#kit/core'
import type { ColumnRow } from '../types.ts'
import { type BoundModel, type Patch, scopeFor } from './bound-model.ts'
import type { Scope } from './scope.ts'

/** Whose a new row becomes: the actor's, where the repository stands for one. Throws `forbidden` for another's. */
export function newOwnerOf(bound: BoundModel, input: Patch): string | undefined {
  const scope = scopeFor(bound, 'write')
  const { owner, name } = bound.plan.model
  if (!bound.scoping.isBound || owner === undefined) return undefined
  // A row that owns itself would be another's from its first moment.
  if (owner === 'id' && scope.ownerId !== undefined)
    throw new Problem('forbidden', `A ${name} cannot be created on one's own.`)
  const actorId = bound.binding.actor.id ?? undefined
  if (owner === 'id' || input[owner] === actorId) return undefined
  if (input[owner] !== undefined)
    throw new Problem('forbidden', 'A row of your own cannot belong to another.')
  return actorId
}

export function assertOwnerKept(bound: BoundModel, scope: Scope, changes: ColumnRow): void {
  const { owner } = bound.plan.model
  if (
    scope.ownerId !== undefined &&
    owner !== undefined &&
    owner in changes &&
    changes[owner] !== scope.ownerId
  )
    throw new Problem('forbidden', 'A row cannot be given to another owner.')
}
