import { Problem, toInstant } from '#kit/core'
import { type BoundRepositories, listOrdered, mostOrdered } from '#kit/db'
import type { Input, Patch } from '#kit/model'
import { RtdeCount, RtdeItem, RtdeRestock, RtdeSession } from './model.ts'
import {
  type CountRow,
  expire,
  expiryAfter,
  type ItemRow,
  type SessionItem,
  type SessionRow,
  stateAt,
  tallyOf,
  toSessionItems,
} from './rules.ts'

/** What everything done in a session needs of its request. */
export interface InSession {
  readonly db: BoundRepositories
  readonly params: { readonly id: string }
  readonly nowMs: () => number
}

/** The person's open session. */
export async function findOpen(
  db: BoundRepositories,
  nowMs: number,
): Promise<SessionRow | undefined> {
  const session = await db(RtdeSession).find({ status: 'in_progress' })
  return session && stateAt(session, nowMs) === 'in_progress' ? session : undefined
}

/** Ends the person's open session, and one that is over and was not stored so yet, and opens another. */
export async function startNew(db: BoundRepositories, nowMs: number): Promise<SessionRow> {
  const sessions = db(RtdeSession)
  const before = await sessions.find({ status: 'in_progress' })
  if (before) await sessions.change(before.id, (session) => expire(session, nowMs))
  return sessions.create({
    status: 'in_progress',
    started_at: toInstant(nowMs),
    expires_at: expiryAfter(nowMs),
  })
}

/** Goes on with the open session. Throws `conflict` where there is none. */
export async function resume(db: BoundRepositories, nowMs: number): Promise<SessionRow> {
  const open = await findOpen(db, nowMs)
  if (!open) throw new Problem('conflict', 'There is no session to resume. Start a new one.')
  return db(RtdeSession).change(open.id, { expires_at: expiryAfter(nowMs) })
}

/** Changes the session, its row locked. Throws `not_found`, and for one that is not open `conflict` or `gone`. */
export async function changeOpen(
  { db, params, nowMs }: InSession,
  patch: Patch<typeof RtdeSession>,
): Promise<SessionRow> {
  const now = nowMs()
  const isOpen = (session: SessionRow) => stateAt(session, now) === 'in_progress'
  const session = await db(RtdeSession).change(params.id, (row) => (isOpen(row) ? patch : {}))
  if (isOpen(session)) return session
  throw await closed(db, session, now)
}

async function closed(db: BoundRepositories, { completed_at }: SessionRow, nowMs: number) {
  if (completed_at !== null)
    return new Problem('conflict', 'This session is completed; what it says stays.', {
      members: { completed_at },
    })
  const open = await findOpen(db, nowMs)
  const detail = open
    ? 'This session is over. Go on in the one that is open.'
    : 'This session is over. Start a new one.'
  return new Problem('gone', detail, { members: { session_id: open?.id ?? null } })
}

/** What the session is about: of a completed one what it froze, of any other what is active now. */
export async function itemsOf(
  db: BoundRepositories,
  { id, completed_at }: SessionRow,
): Promise<SessionItem[]> {
  const counts = await countsOf(db, id)
  if (completed_at === null) return toSessionItems(await listOrdered(db(RtdeItem)), counts)
  const frozen = counts.filter(({ par_level }) => par_level !== null)
  const ids = frozen.map(({ item_id }) => item_id)
  const { rows } = await db(RtdeItem).list({ where: { id: { in: ids } }, limit: mostOrdered })
  return toSessionItems(rows, frozen)
}

/** All of them: where items came and went meanwhile, they may be more than are active. */
async function countsOf(db: BoundRepositories, session_id: string): Promise<CountRow[]> {
  const counts: CountRow[] = []
  let cursor: string | undefined
  do {
    const page = await db(RtdeCount).list({ where: { session_id }, sort: 'id', limit: 100, cursor })
    counts.push(...page.rows)
    cursor = page.next
  } while (cursor !== undefined)
  return counts
}

/** Freezes what the active items are to the session, and adds the record of it. */
export async function complete(request: InSession): Promise<SessionRow> {
  const { db, nowMs } = request
  const open = await changeOpen(request, {})
  const completed_at = toInstant(nowMs())
  const session = await db(RtdeSession).change(open.id, { status: 'completed', completed_at })
  const items = await listOrdered(db(RtdeItem))
  const counts = await countsOf(db, session.id)
  await db(RtdeRestock).create({
    session_id: session.id,
    user_id: session.user_id,
    completed_at,
    ...tallyOf(toSessionItems(items, counts)),
  })
  // After the record, which feeds tell of: of a unit they see the first writes.
  await freeze(db, { session, items, counts })
  return session
}

interface Freezing {
  readonly session: SessionRow
  readonly items: readonly ItemRow[]
  readonly counts: readonly CountRow[]
}

async function freeze(db: BoundRepositories, { session, items, counts }: Freezing): Promise<void> {
  const countOf = new Map(counts.map((count) => [count.item_id, count]))
  const fresh: Input<typeof RtdeCount>[] = []
  for (const { id: item_id, par_level, display_order } of items) {
    const count = countOf.get(item_id)
    if (count) await db(RtdeCount).change(count.id, { par_level, display_order })
    else fresh.push({ session_id: session.id, item_id, par_level, display_order })
  }
  await db(RtdeCount).createMany(fresh)
}
