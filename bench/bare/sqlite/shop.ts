import type { Database } from 'bun:sqlite'
import { Refusal } from '../refusal.ts'
import { pullListOf, toCounted, toSessionItem } from '../shop-wire.ts'
import type { Write } from './commit.ts'
import type { Entry, Trail } from './trail.ts'

interface SessionRow {
  readonly status: string
  readonly expires_at: string
  readonly completed_at: string | null
}

interface ItemRow {
  readonly id: string
  readonly name: string
  readonly brand: string | null
  readonly image_filename: string | null
  readonly icon: string | null
  readonly par_level: number
  readonly display_order: number
}

interface CountRow {
  readonly id: string
  readonly updated_at: string
  readonly item_id: string
  readonly counted_quantity: number | null
  readonly is_pulled: number
}

interface Parts {
  readonly reader: Database
  readonly writer: Database
  readonly write: Write
  /** With it a count is recorded, and the rows it refers to are looked for first, as Plinth does it. */
  readonly trail: Trail | undefined
}

const openForMs = 30 * 60_000
/** As many items as can be active. */
const mostItems = 100

const sessionColumns =
  '"id", "user_id", "status", "started_at", "expires_at", "completed_at", "created_at", "updated_at"'
const itemColumns =
  '"id", "name", "brand", "image_filename", "icon", "par_level", "display_order", "active", "created_at", "updated_at"'
const countColumns =
  '"id", "user_id", "session_id", "item_id", "counted_quantity", "is_pulled", "par_level", "display_order", "created_at", "updated_at"'
const sessionById = `select ${sessionColumns} from "rtde_sessions" where "id" = +? and "user_id" = +?`

/** What one of the staff does at the display: say how many there are, read what is to be fetched. */
export function createShop(parts: Parts) {
  return { count: createCount(parts), pullList: createPullList(parts) }
}

function createCount({ writer, write, trail }: Parts) {
  const exists = trail && createExists(writer)
  const session = writer.prepare<SessionRow, [string, string]>(sessionById)
  const prolong = writer.prepare<{ expires_at: string }, [string, string]>(
    'update "rtde_sessions" set "expires_at" = ? where "id" = ? returning "expires_at"',
  )
  const item = writer.prepare<ItemRow, [string]>(
    `select ${itemColumns} from "rtde_items" where "id" = +? and "active" = 1 limit 1`,
  )
  const count = writer.prepare<CountRow, [string, string, string]>(
    `select ${countColumns} from "rtde_counts" where "session_id" = ? and "item_id" = ? and "user_id" = ?`,
  )
  const change = writer.prepare<unknown, [number | null, string, string]>(
    'update "rtde_counts" set "counted_quantity" = ?, "updated_at" = ? where "id" = ? returning "counted_quantity", "updated_at"',
  )
  const add = writer.prepare(
    `insert into "rtde_counts" ("id", "user_id", "session_id", "item_id", "counted_quantity", "is_pulled", "created_at", "updated_at")
     values (?, ?, ?, ?, ?, 0, ?, ?)`,
  )
  return async (userId: string, sessionId: string, request: Request): Promise<Response> => {
    const { item_id, counted_quantity } = toCounted(await request.json())
    const answer = await write(() => {
      const nowMs = Date.now()
      const now = new Date(nowMs).toISOString()
      assertOpen(session.get(sessionId, userId), now)
      const expires_at = new Date(nowMs + openForMs).toISOString()
      prolong.get(expires_at, sessionId)
      const counted = item.get(item_id)
      if (!counted) throw new Refusal(404, 'There is no such item.')
      exists?.(userId, sessionId, item_id)
      const before = count.get(sessionId, item_id, userId)
      const id = before?.id ?? Bun.randomUUIDv7()
      if (before) change.get(counted_quantity, now, id)
      else add.run(id, userId, sessionId, item_id, counted_quantity, now, now)
      trail?.append(entryOf({ userId, id, before, after: { counted_quantity, updated_at: now } }))
      const is_pulled = before?.is_pulled === 1
      return { item: toSessionItem(counted, { counted_quantity, is_pulled }), expires_at }
    })
    return Response.json(answer)
  }
}

function createExists(writer: Database) {
  const session = writer.prepare(
    'select "id" from "rtde_sessions" where "id" = +? and "user_id" = +?',
  )
  const item = writer.prepare('select "id" from "rtde_items" where "id" = +?')
  return (userId: string, sessionId: string, itemId: string): void => {
    if (!session.get(sessionId, userId) || !item.get(itemId))
      throw new Refusal(422, 'There is no such row.')
  }
}

interface Counted {
  readonly userId: string
  readonly id: string
  readonly before: CountRow | null
  readonly after: { readonly counted_quantity: number | null; readonly updated_at: string }
}

function entryOf({ userId, id, before, after }: Counted): Entry {
  const { counted_quantity, updated_at } = before ?? {}
  return {
    actorId: userId,
    operation: 'rtde.count',
    action: before ? 'change' : 'create',
    model: 'rtde_count',
    rowId: id,
    before: before && { counted_quantity, updated_at },
    after,
  }
}

function assertOpen(session: SessionRow | null, now: string): void {
  if (!session) throw new Refusal(404, 'Session not found.')
  if (session.completed_at !== null) throw new Refusal(409, 'The session is completed.')
  if (session.status !== 'in_progress' || session.expires_at <= now)
    throw new Refusal(410, 'The session is over.')
}

function createPullList({ reader }: Parts) {
  const session = reader.prepare<SessionRow, [string, string]>(sessionById)
  const counts = reader.prepare<CountRow, [string, string, number]>(
    `select ${countColumns} from "rtde_counts" where "session_id" = +? and "user_id" = +? order by "id" limit +?`,
  )
  const items = reader.prepare<ItemRow, [number]>(
    `select ${itemColumns} from "rtde_items" where "active" = 1 order by "display_order", "id" limit +?`,
  )
  return (userId: string, sessionId: string): Response => {
    if (!session.get(sessionId, userId)) throw new Refusal(404, 'Session not found.')
    const countOf = new Map(
      counts.all(sessionId, userId, mostItems + 1).map((row) => [row.item_id, row]),
    )
    const all = items.all(mostItems + 1).map((item) => {
      const found = countOf.get(item.id)
      return toSessionItem(item, {
        counted_quantity: found?.counted_quantity ?? null,
        is_pulled: found?.is_pulled === 1,
      })
    })
    return Response.json(pullListOf(all))
  }
}
