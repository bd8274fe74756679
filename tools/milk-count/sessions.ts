import { dateIn, Problem, toInstant } from '#kit/core'
import { type BoundRepositories, listOrdered, mostOrdered } from '#kit/db'
import { MilkEntry, MilkSession, MilkType } from './model.ts'
import { phases } from './phases.ts'
import { currentSince, dateOfStart, type SessionRow } from './rules.ts'
import { type EntryRow, inOrder, type Placed, type TypeRow } from './summary.ts'

/** When and where it is. */
export interface Scene {
  readonly nowMs: number
  readonly timeZone: string
}

/** The session that people are at: one of the last hours that is not finished, the newest; else today's. */
export async function findCurrent(
  db: BoundRepositories,
  { nowMs, timeZone }: Scene,
): Promise<SessionRow | undefined> {
  const session_date = dateIn(timeZone)(nowMs)
  return (await findUnfinished(db, nowMs)) ?? (await db(MilkSession).find({ session_date }))
}

async function findUnfinished(
  db: BoundRepositories,
  nowMs: number,
): Promise<SessionRow | undefined> {
  const where = { status: { in: phases }, started_at: { gt: currentSince(nowMs) } }
  const { rows } = await db(MilkSession).list({ where, sort: '-started_at', limit: 1 })
  return rows[0]
}

export async function findLastCompleted(db: BoundRepositories) {
  const { rows } = await db(MilkSession).list({
    where: { status: 'completed' },
    sort: '-completed_at',
    limit: 1,
  })
  return rows[0]
}

export interface Starting extends Scene {
  readonly db: BoundRepositories
  /** Locks rows of milk types, which staff cannot change. */
  readonly system: BoundRepositories
  readonly actorId: string
  /** The date that is asked for. */
  readonly asked: string | undefined
}

/**
 * Starts a session with an entry for each milk type that is active now. Throws `invalid` for a date that it cannot have,
 * `conflict` with the session that stands in the way, or where there is no milk to count.
 */
export async function start(starting: Starting): Promise<SessionRow> {
  const { db, system, actorId, asked, nowMs, timeZone } = starting
  const session_date = dateOfStart(asked, nowMs, timeZone)
  const types = await lockTypes(system, await listOrdered(system(MilkType)))
  const open = await findUnfinished(db, nowMs)
  if (open) throw inTheWay(open, 'A session is under way: go on with that.')
  const taken = await db(MilkSession).find({ session_date })
  if (taken) throw inTheWay(taken, `There is a session of ${session_date} already.`)
  const active = types.filter((type) => type.active)
  if (active.length === 0)
    throw new Problem('conflict', 'There is nothing to count: no milk type is active.')
  const session = await db(MilkSession).create({
    session_date,
    started_at: toInstant(nowMs),
    started_by: actorId,
  })
  await db(MilkEntry).createMany(
    active.map(({ id }) => ({ session_id: session.id, milk_type_id: id })),
  )
  return session
}

function inTheWay({ id }: SessionRow, detail: string): Problem {
  return new Problem('conflict', detail, { members: { session_id: id } })
}

/**
 * These milk types as they are once nobody else changes them, locked until the unit of work is over: always in the order
 * of their ids, so that two who lock them do not wait for each other.
 */
export async function lockTypes(
  system: BoundRepositories,
  types: readonly TypeRow[],
): Promise<TypeRow[]> {
  const locked: TypeRow[] = []
  for (const id of types.map((type) => type.id).sort())
    locked.push(await system(MilkType).change(id, {}))
  return locked
}

export async function entriesOf(db: BoundRepositories, session_id: string): Promise<EntryRow[]> {
  const { rows } = await db(MilkEntry).list({ where: { session_id }, limit: mostOrdered })
  return [...rows]
}

export async function typesOf(
  db: BoundRepositories,
  entries: readonly EntryRow[],
): Promise<readonly TypeRow[]> {
  const id = { in: entries.map(({ milk_type_id }) => milk_type_id) }
  const { rows } = await db(MilkType).list({ where: { id }, limit: mostOrdered })
  return rows
}

/** The entries of a session beside their types, in order. */
export async function placedOf(db: BoundRepositories, session_id: string): Promise<Placed[]> {
  const entries = await entriesOf(db, session_id)
  return inOrder(entries, await typesOf(db, entries))
}
