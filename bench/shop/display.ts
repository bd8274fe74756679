import type { Database } from 'bun:sqlite'
import type { Bench } from '../contest.ts'
import { makeShop, type Shop } from './make-shop.ts'

/** A shop whose staff is busy with the display, each of them in a session of his own. */
export interface Display extends Shop {
  readonly itemIds: readonly string[]
  /** The open session of each, by his id. */
  readonly sessionOf: ReadonlyMap<string, string>
}

/** How many items there are: each is on the pull list of each session. */
export const itemCount = 40

const dayMs = 86_400_000

export const makeDisplay = (bench: Bench): Promise<Display> =>
  makeShop(bench, (database, staff) => {
    const itemIds = seedItems(database)
    return { itemIds, sessionOf: seedSessions(database, staff, itemIds) }
  })

function seedItems(database: Database): string[] {
  // Whatever the tool comes with: the bench has its own.
  database.run('DELETE FROM rtde_items')
  const insert = database.prepare(
    `INSERT INTO rtde_items (id, name, brand, icon, image_filename, par_level, display_order, active, created_at, updated_at)
     VALUES (?, ?, ?, NULL, ?, ?, ?, 1, ?, ?)`,
  )
  const now = new Date().toISOString()
  return Array.from({ length: itemCount }, (_, index) => {
    const id = Bun.randomUUIDv7()
    const brand = index % 2 === 0 ? 'Northern Springs' : null
    const image = `item-${index}.webp`
    insert.run(id, `Sparkling Water ${index}`, brand, image, 10 + (index % 9), index + 1, now, now)
    return id
  })
}

/** All have counted every item, and none is up to its par. */
function seedSessions(
  database: Database,
  staff: readonly string[],
  itemIds: readonly string[],
): Map<string, string> {
  const addSession = database.prepare(
    `INSERT INTO rtde_sessions (id, user_id, status, started_at, expires_at, created_at, updated_at)
     VALUES (?, ?, 'in_progress', ?, ?, ?, ?)`,
  )
  const addCount = database.prepare(
    `INSERT INTO rtde_counts (id, user_id, session_id, item_id, counted_quantity, is_pulled, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const now = new Date().toISOString()
  const tomorrow = new Date(Date.now() + dayMs).toISOString()
  return new Map(
    staff.map((userId) => {
      const sessionId = Bun.randomUUIDv7()
      addSession.run(sessionId, userId, now, tomorrow, now, now)
      for (const [index, itemId] of itemIds.entries()) {
        const id = Bun.randomUUIDv7()
        addCount.run(id, userId, sessionId, itemId, index % 10, Number(index % 3 === 0), now, now)
      }
      return [userId, sessionId]
    }),
  )
}
