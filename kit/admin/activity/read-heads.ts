import type { Expression, SqlBool } from 'kysely'
import { firstIdAt } from '#kit/db'
import type { Sources } from './activity-book.ts'
import { type Builder, type Entry, type Query, table } from './entries.ts'

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
  /** Operations to be passed over. */
  readonly otherThan?: readonly string[] | undefined
}

export interface UnitPage {
  readonly after: Place | undefined
  readonly limit: number
  /** How many entries are looked through at first. */
  readonly window?: number
}

export type Head = Pick<
  Entry,
  'id' | 'chain' | 'unit_seq' | 'operation' | 'actor_id' | 'created_at'
>

interface Start extends Place {
  readonly isIncluded: boolean
}

type End = Pick<Entry, 'id' | 'created_at' | 'chain' | 'seq' | 'unit_seq'>

interface Range {
  readonly filter: UnitFilter
  readonly start: Start | undefined
}

const usualWindow = 2000

/**
 * The first entries of units, each standing for its own, newest first. They are looked for window by window, so that a
 * unit of a million entries, an import, can be passed over: to look at each of them takes seconds.
 */
export async function readHeads(
  query: Query,
  filter: UnitFilter,
  { after, limit, window = usualWindow }: UnitPage,
): Promise<Head[]> {
  const heads: Head[] = []
  let start: Start | undefined = after && { ...after, isIncluded: false }
  for (let size = window; ; size *= 2) {
    const range: Range = { filter, start }
    const end = await entryBehind(query, range, size)
    heads.push(...(await headsWithin(query, range, { end, limit: limit - heads.length })))
    if (end === undefined || heads.length >= limit) return heads
    start = await startBehind(query, end)
  }
}

/** The last entry of the window; undefined where there are not as many. */
async function entryBehind(query: Query, range: Range, size: number): Promise<End | undefined> {
  const [end] = await query
    .selectFrom(table)
    .select(['id', 'created_at', 'chain', 'seq', 'unit_seq'])
    .where((eb) => eb.and(spanConditions(eb, range)))
    .orderBy('id', 'desc')
    .limit(1)
    .offset(size - 1)
    .execute()
  return end
}

interface Window {
  readonly end: End | undefined
  readonly limit: number
}

function headsWithin(query: Query, range: Range, { end, limit }: Window): Promise<Head[]> {
  return query
    .selectFrom(table)
    .select(['id', 'chain', 'unit_seq', 'operation', 'actor_id', 'created_at'])
    .whereRef('seq', '=', 'unit_seq')
    .where((eb) =>
      eb.and([
        ...spanConditions(eb, range),
        ...sourceConditions(eb, range.filter),
        ...(end ? [compare(eb, '>=', toPlace(end))] : []),
      ]),
    )
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

/**
 * Where the next window starts: at the first entry of the unit that this one ends in, where nothing but that unit is
 * between. To count is quick: an index holds all it takes.
 */
async function startBehind(query: Query, end: End): Promise<Start> {
  const here = { ...toPlace(end), isIncluded: false }
  const rest = end.seq - end.unit_seq
  if (rest === 0) return here
  const [head] = await query
    .selectFrom(table)
    .select(['id', 'created_at'])
    .where('chain', '=', end.chain)
    .where('seq', '=', end.unit_seq)
    .execute()
  if (!head) return here
  const [between] = await query
    .selectFrom(table)
    .select(({ fn }) => fn.countAll().as('count'))
    .where((eb) => eb.and([compare(eb, '<', toPlace(end)), compare(eb, '>=', toPlace(head))]))
    .execute()
  return Number(between?.count) === rest ? { ...toPlace(head), isIncluded: true } : here
}

function toPlace({ created_at, id }: Pick<Entry, 'created_at' | 'id'>): Place {
  return { at: created_at, id }
}

function spanConditions(eb: Builder, { filter, start }: Range): Expression<SqlBool>[] {
  const { from, before } = filter
  return [
    ...(from === undefined ? [] : [eb('id', '>=', firstIdAt(from))]),
    ...(before === undefined ? [] : [eb('id', '<', firstIdAt(before))]),
    ...(start === undefined ? [] : [compare(eb, start.isIncluded ? '<=' : '<', start)]),
  ]
}

function compare(eb: Builder, sign: '<' | '<=' | '>=', { id }: Place): Expression<SqlBool> {
  return eb('id', sign, id)
}

function sourceConditions(eb: Builder, filter: UnitFilter): Expression<SqlBool>[] {
  const { sources, actorId, otherThan = [] } = filter
  return [
    ...sources.map((each) => among(eb, each)),
    ...(actorId === undefined ? [] : [eb('actor_id', '=', actorId)]),
    ...(otherThan.length === 0 ? [] : [eb('operation', 'not in', otherThan)]),
  ]
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
