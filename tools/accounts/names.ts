import type { NamesOf } from '#kit/admin'
import { isUuid } from '#kit/core'
import { User } from './model.ts'

/**
 * What to call people: the name, else the username, else the partner number; of deactivated ones too. One statement.
 * Ids that are nobody's are left out.
 */
export const namesOf: NamesOf = async (all, ids) => {
  const known = [...new Set(ids.filter(isUuid))]
  if (known.length === 0) return new Map()
  const people = await all
    .query(User)
    .selectFrom('users')
    .select(['id', 'name', 'username', 'partner_number'])
    .where('id', 'in', known)
    .execute()
  return new Map(
    people.flatMap(({ id, name, username, partner_number }) => {
      const called = name ?? username ?? partner_number
      return called === null ? [] : [[id, called] as const]
    }),
  )
}
