import { defineProblem, Problem, toInstant } from '#kit/core'
import type { Patch, Row } from '#kit/model'
import type { TrackingItem } from './model.ts'

export type Item = Row<typeof TrackingItem>
type ItemPatch = Patch<typeof TrackingItem>

/** Shop clients tell it from other conflicts by its status. */
export const alreadyRemoved = defineProblem('already_removed', 400, 'Already removed')

/** Who does it, and when. */
export interface Doing {
  readonly actorId: string
  readonly nowMs: number
}

/** A box that is present is taken out. */
export function remove(item: Item, doing: Doing): ItemPatch {
  if (item.is_removed) throw new Problem(alreadyRemoved, 'Item already removed')
  return removal(doing)
}

/** What is so of a box from its removal on. */
export function removal({ actorId, nowMs }: Doing) {
  return { is_removed: true, removed_at: toInstant(nowMs), removed_by: actorId }
}

/** A box that was taken out is put back, under this code. */
export function restore(item: Item, code: string): ItemPatch {
  if (!item.is_removed) throw new Problem('conflict', 'This item is not removed.')
  return { is_removed: false, removed_at: null, removed_by: null, code }
}

/** A box that is present gets another name or shelf. */
export function edit(item: Item, changes: Pick<ItemPatch, 'name' | 'category'>): ItemPatch {
  if (item.is_removed) throw new Problem('conflict', 'This item is removed. Restore it first.')
  return changes
}

/** `name: A → B; category: x → y`; empty where nothing changed. */
export function describeEdit(before: Item, after: Item): string {
  return (['name', 'category'] as const)
    .filter((field) => before[field] !== after[field])
    .map((field) => `${field}: ${before[field]} → ${after[field]}`)
    .join('; ')
}

/** `42` → `0042`. */
export function toCode(number: number): string {
  return String(number).padStart(4, '0')
}

/**
 * So many different numbers from 0 to below the total, in random order, each selection alike probable (the beginning of a
 * shuffle by Fisher and Yates, of a list that is never made).
 */
export function sample(
  random: (limit: number) => number,
  total: number,
  count: number,
): readonly number[] {
  const moved = new Map<number, number>()
  return Array.from({ length: count }, (_, at) => {
    const from = at + random(total - at)
    const drawn = moved.get(from) ?? from
    moved.set(from, moved.get(at) ?? at)
    return drawn
  })
}
