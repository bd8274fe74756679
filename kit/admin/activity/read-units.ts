import type { BoundRepositories } from '#kit/db'
import type { AuditedUnit, AuditedWrite } from './activity.ts'
import { type Builder, type Entry, type Query, queryOf, table } from './entries.ts'
import { type Place, readHeads, type UnitFilter, type UnitPage } from './read-heads.ts'

/** A unit of work of the audit trail. */
export interface StoredUnit extends AuditedUnit, Place {
  readonly operation: string
  readonly actorId: string | null
}

/** The units after this place, newest first. */
export async function readUnits(
  all: BoundRepositories,
  filter: UnitFilter,
  page: UnitPage,
): Promise<StoredUnit[]> {
  const query = queryOf(all)
  const heads = await readHeads(query, filter, page)
  const found = await readWrites(query, heads)
  const units: StoredUnit[] = []
  for (const head of heads) {
    const writes = found.get(keyOf(head)) ?? []
    units.push({
      at: head.created_at,
      id: head.id,
      operation: head.operation,
      actorId: head.actor_id,
      writes,
      count: writes.length < mostWrites ? writes.length : await countWrites(query, head),
    })
  }
  return units
}

type UnitKey = Pick<Entry, 'chain' | 'unit_seq'>

/** Of a unit only the first writes are read: an import has a million. */
const mostWrites = 20

function keyOf({ chain, unit_seq }: UnitKey): string {
  return `${chain} ${unit_seq}`
}

async function readWrites(
  query: Query,
  heads: readonly UnitKey[],
): Promise<ReadonlyMap<string, AuditedWrite[]>> {
  const found = new Map<string, AuditedWrite[]>()
  if (heads.length === 0) return found
  const entries = await query
    .selectFrom(table)
    .select(['chain', 'unit_seq', 'action', 'model', 'row_id', 'before', 'after'])
    .where((eb) => eb.or(heads.map((head) => beginningOf(eb, head))))
    .orderBy('chain')
    .orderBy('seq')
    .execute()
  for (const entry of entries) {
    const writes = found.get(keyOf(entry)) ?? []
    found.set(keyOf(entry), writes)
    writes.push({
      action: entry.action,
      model: entry.model,
      rowId: entry.row_id,
      before: fromJson(entry.before),
      after: fromJson(entry.after),
    })
  }
  return found
}

function beginningOf(eb: Builder, { chain, unit_seq: start }: UnitKey) {
  return eb.and([
    eb('chain', '=', chain),
    eb('seq', '>=', start),
    eb('seq', '<', start + mostWrites),
    eb('unit_seq', '=', start),
  ])
}

function fromJson(text: string | null): AuditedWrite['before'] {
  return text === null ? null : (JSON.parse(text) as AuditedWrite['before'])
}

/** Looks for a large unit's end by doubling and then halving: the entries between are not read. */
async function countWrites(query: Query, { chain, unit_seq: start }: UnitKey): Promise<number> {
  const isWithin = async (count: number) => {
    const [entry] = await query
      .selectFrom(table)
      .select('unit_seq')
      .where('chain', '=', chain)
      .where('seq', '=', start + count - 1)
      .execute()
    return entry?.unit_seq === start
  }
  let within = mostWrites
  let beyond = within * 2
  while (await isWithin(beyond)) {
    within = beyond
    beyond *= 2
  }
  while (beyond - within > 1) {
    const middle = Math.floor((within + beyond) / 2)
    if (await isWithin(middle)) within = middle
    else beyond = middle
  }
  return within
}
