import { Problem } from '#kit/core'
import { assertOrdered, type BoundRepositories } from '#kit/db'
import { RtdeCount, RtdeItem, RtdeRestock, RtdeSession } from './model.ts'

/**
 * That the items stand in an order, and that each completed session has its record and all the rows that it froze: a part of
 * a completion cannot be undone without the rest.
 */
export async function assertSound(all: BoundRepositories): Promise<void> {
  await assertOrdered(all(RtdeItem), 'display items')
  const completed = await all(RtdeSession).count({ status: 'completed' })
  const frozen = await all(RtdeCount).count({ par_level: { ne: null } })
  const records = await all
    .query(RtdeRestock)
    .selectFrom('rtde_restocks')
    .select(({ fn }) => [
      fn.countAll<number>().as('count'),
      fn.sum<number>('items_counted').as('counted'),
      fn.sum<number>('uncounted').as('uncounted'),
    ])
    .executeTakeFirst()
  const rows = Number(records?.counted ?? 0) + Number(records?.uncounted ?? 0)
  if (completed === Number(records?.count ?? 0) && frozen === rows) return
  throw new Problem(
    'conflict',
    'A completion is undone as a whole: undo its request, with the scope "request".',
  )
}
