import { Problem } from '#kit/core'
import { toWire } from '#kit/model'
import { entityTag } from '../entity-tag.ts'
import type { Binding, ColumnRow } from '../types.ts'
import type { BoundModel } from './bound-model.ts'

/** Whether `If-Match` was sent for this row; without an id, for any row of the model. */
export function isGuarded({ plan, binding }: BoundModel, id?: unknown): boolean {
  const { precondition } = binding
  if (precondition?.table !== plan.model.table) return false
  return id === undefined || precondition.id === undefined || precondition.id === String(id)
}

type Precondition = NonNullable<Binding['precondition']>

/** What was found fresh and is locked since: what changes it from then on is the unit itself. */
const found = new WeakMap<Precondition, Set<unknown>>()

/** Throws `stale` where the row, as the unit of work first finds it, is not the one that `If-Match` names. */
export function assertFresh(bound: BoundModel, row: ColumnRow): void {
  const { precondition } = bound.binding
  if (!precondition || !isGuarded(bound, row['id'])) return
  const known = found.get(precondition) ?? new Set()
  if (known.has(row['id'])) return
  assertNamed(bound, row)
  found.set(precondition, known.add(row['id']))
}

function assertNamed(bound: BoundModel, row: ColumnRow): void {
  const tags = bound.binding.precondition?.tags ?? []
  const tag = entityTag(JSON.stringify(toWire(bound.plan.model)(row)))
  if (!tags.includes('*') && !tags.includes(tag))
    throw new Problem(
      'stale',
      'It was changed since you read it. Read it again, then repeat the change.',
      { headers: { ETag: tag } },
    )
}
