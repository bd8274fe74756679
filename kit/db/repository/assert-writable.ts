import { type Fault, Problem } from '#kit/core'
import { holds, type Rule, refusedFields } from '#kit/model'
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

const none: readonly Fault[] = Object.freeze([])

/** A fault for each value that the actor's role may not set. */
export function refusedBy({ plan, binding, scoping }: BoundModel, values: Patch): readonly Fault[] {
  return scoping.isBound ? refusedFields(plan.model, binding.actor.role, values) : none
}

/** Whether what is written must be seen as a whole row before it is. */
export function boundsWrittenRows(bound: BoundModel): boolean {
  return writtenRule(bound) !== undefined
}

/** Throws `forbidden` for a row, as it is to be written, that is not one the actor may write. */
export function assertWritten(bound: BoundModel, row: ColumnRow): void {
  const { plan, scoping } = bound
  const written = writtenRule(bound)
  const rows = written && scoping.scopeOf(plan.model, 'write').rows
  if (!rows || holds(written, { ...rows, row })) return
  throw new Problem('forbidden', `You may not write a ${plan.model.name} like this one.`)
}

function writtenRule({ plan, scoping }: BoundModel): Rule | undefined {
  const isPlain = typeof plan.model.access.write === 'string'
  return isPlain ? undefined : scoping.scopeOf(plan.model, 'write').rows?.written
}
