import type { Expression, ExpressionBuilder, Kysely, SqlBool } from 'kysely'
import { type AuditAction, AuditEntry, type BoundRepositories } from '#kit/db'
import type { AuditedUnit, AuditedWrite } from './activity.ts'
import type { Sources } from './activity-book.ts'

/** Where a page ended. */
export interface Place {
  readonly at: string
  readonly id: string
}

export interface UnitFilter {
  /** Each of them must hold. */
  readonly sources: readonly Sources[]
  readonly actorId?: string | undefined
  /** From this instant on, and before that one. */
  readonly from?: string | undefined
  readonly before?: string | undefined
}

/** A unit of work of the audit trail. */
export interface StoredUnit extends AuditedUnit, Place {
  readonly operation: string
  readonly actorId: string | null
}

/** The units after this place, newest first. */
export async function readUnits(
  all: BoundRepositories,
  filter: UnitFilter,
  page: { readonly after: Place | undefined; readonly limit: number },
): Promise<StoredUnit[]> {
  const query = queryOf(all)
  const heads = await query
    .selectFrom(table)
    .select(['id', 'chain', 'unit_seq', 'operation', 'actor_id', 'created_at'])
    // The first entry of each unit stands for it.
    .whereRef('seq', '=', 'unit_seq')
    .where((eb) => eb.and(conditionsOf(eb, filter, page.after)))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(page.limit)
    .execute()
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

const { table } = AuditEntry

/** The columns of an entry as they are read here. */
interface Entry {
  readonly id: string
  readonly created_at: string
  readonly chain: string
  readonly seq: number
  readonly unit_seq: number
  readonly operation: string
  readonly actor_id: string | null
  readonly action: AuditAction
  readonly model: string
  readonly row_id: string
  readonly before: string | null
  readonly after: string | null
}

type Tables = { readonly plinth_audit: Entry }
type Builder = ExpressionBuilder<Tables, 'plinth_audit'>
type Head = Pick<Entry, 'chain' | 'unit_seq'>
type Query = Pick<Kysely<Tables>, 'selectFrom'>

function queryOf(all: BoundRepositories): Query {
  return all.query(AuditEntry) as unknown as Query
}

function conditionsOf(eb: Builder, filter: UnitFilter, after: Place | undefined) {
  const conditions: Expression<SqlBool>[] = filter.sources.map((sources) => among(eb, sources))
  if (filter.actorId !== undefined) conditions.push(eb('actor_id', '=', filter.actorId))
  if (filter.from !== undefined) conditions.push(eb('created_at', '>=', filter.from))
  if (filter.before !== undefined) conditions.push(eb('created_at', '<', filter.before))
  if (after !== undefined)
    conditions.push(eb(eb.refTuple('created_at', 'id'), '<', eb.tuple(after.at, after.id)))
  return conditions
}

function among(eb: Builder, { operations, otherThan, models, actions }: Sources) {
  const others =
    models.length === 0
      ? []
      : [
          eb.and([
            ...(otherThan.length === 0 ? [] : [eb('operation', 'not in', otherThan)]),
            eb('model', 'in', models),
            eb('action', 'in', actions),
          ]),
        ]
  const own = operations.length === 0 ? [] : [eb('operation', 'in', operations)]
  // Nothing at all, where there is nothing to be among.
  return eb.or([...own, ...others, ...(own.length + others.length === 0 ? [eb.lit(false)] : [])])
}

/** Of a unit only the first writes are read: an import has a million. */
const mostWrites = 20

function keyOf({ chain, unit_seq }: Head): string {
  return `${chain} ${unit_seq}`
}

async function readWrites(
  query: Query,
  heads: readonly Head[],
): Promise<ReadonlyMap<string, AuditedWrite[]>> {
  const found = new Map<string, AuditedWrite[]>()
  if (heads.length === 0) return found
  const entries = await query
    .selectFrom(table)
    .select(['chain', 'unit_seq', 'action', 'model', 'row_id', 'before', 'after'])
    .where((eb) => eb.or(heads.map((head) => startOf(eb, head))))
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

function startOf(eb: Builder, { chain, unit_seq: start }: Head) {
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
async function countWrites(query: Query, { chain, unit_seq: start }: Head): Promise<number> {
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
