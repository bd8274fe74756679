import type { ExpressionBuilder } from 'kysely'
import { Problem } from '#kit/core'
import { assertOrdered, type BoundRepositories } from '#kit/db'
import type { Row } from '#kit/model'
import { MilkEntry, MilkSession, MilkType } from './model.ts'

/**
 * That the milk types stand in an order, that the entries of a session hold what its phases say is saved and nothing else,
 * and that those of a completed one are frozen: a part of a save cannot be undone without the rest.
 */
export async function assertSound(all: BoundRepositories): Promise<void> {
  await assertOrdered(all(MilkType), 'milk types')
  const odd = await all
    .query(MilkSession, MilkEntry)
    .selectFrom('milk_sessions as s')
    .leftJoin('milk_entries as e', 'e.session_id', 's.id')
    .select('s.session_date')
    .where((eb) =>
      eb.or([
        eb('e.id', 'is', null),
        differs(eb, 's.night_foh_saved_at', 'e.foh_count'),
        differs(eb, 's.night_boh_saved_at', 'e.boh_count'),
        differs(eb, 's.morning_saved_at', 'e.morning_method'),
        differs(eb, 's.on_order_saved_at', 'e.on_order'),
        eb.and([eb('s.status', '=', 'completed'), eb('e.par_value', 'is', null)]),
      ]),
    )
    .limit(1)
    .executeTakeFirst()
  if (!odd) return
  throw new Problem(
    'conflict',
    `The count of ${odd.session_date} would be torn: undo all that the request wrote ("scope": "request").`,
  )
}

interface Joined {
  s: Row<typeof MilkSession>
  e: { [K in keyof Row<typeof MilkEntry>]: Row<typeof MilkEntry>[K] | null }
}

type Column = `${'s' | 'e'}.${string}` & Parameters<ExpressionBuilder<Joined, 's' | 'e'>['ref']>[0]

/** Whether just one of the two is null. */
function differs(eb: ExpressionBuilder<Joined, 's' | 'e'>, a: Column, b: Column) {
  return eb.or([
    eb.and([eb(a, 'is', null), eb(b, 'is not', null)]),
    eb.and([eb(a, 'is not', null), eb(b, 'is', null)]),
  ])
}
