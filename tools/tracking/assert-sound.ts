import { Problem } from '#kit/core'
import type { BoundRepositories } from '#kit/db'
import { CodeClaim, TrackingItem } from './model.ts'

/** Each box that is present has its code, and no other has one: else two boxes could come to one code. */
export async function assertSound(all: BoundRepositories): Promise<void> {
  const unclaimed = await all
    .query(TrackingItem, CodeClaim)
    .selectFrom('tracking_items as i')
    .leftJoin('code_claims as c', (join) =>
      join.onRef('c.item_id', '=', 'i.id').onRef('c.code', '=', 'i.code'),
    )
    .select('i.code')
    .where('i.is_removed', '=', false)
    .where('c.id', 'is', null)
    .limit(1)
    .execute()
  const left = await all
    .query(TrackingItem, CodeClaim)
    .selectFrom('code_claims as c')
    .innerJoin('tracking_items as i', 'i.id', 'c.item_id')
    .select('c.code')
    .where('i.is_removed', '=', true)
    .limit(1)
    .execute()
  const [odd] = [...unclaimed, ...left]
  if (odd)
    throw new Problem(
      'conflict',
      `The box and the code ${odd.code} belong together: undo all that the request wrote ("scope": "request").`,
    )
}
