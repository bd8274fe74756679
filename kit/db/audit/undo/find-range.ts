import { isUuid, Problem } from '#kit/core'
import { isStorable } from '#kit/model'
import { boundTo } from '../../bound-to.ts'
import { type ModelPlan, planOf } from '../../repository/model-plan.ts'
import { slot, toStatement } from '../../repository/slots.ts'
import type { BoundRepositories, ColumnRow, Dialect, Executor } from '../../types.ts'
import { AuditEntry } from '../audit-models.ts'
import { ask, type EntryRange } from './read-entries.ts'

/** What is to be undone. */
export type UndoTarget =
  /** This entry alone. */
  | { readonly entryId: string }
  /** All of the unit of work that this entry is of: one request, one import. */
  | { readonly unitOf: string }
  /** All of the unit of work that a request of this id did. */
  | { readonly requestId: string }

/** A unit of work as the trail knows it. */
export interface AuditUnit {
  /** The id of its first entry, by which it can be named. */
  readonly id: string
  readonly operation: string
  readonly actorId: string | null
  readonly createdAt: string
  readonly entries: number
}

/** More units of one request id than this are not told apart. */
const mostUnits = 100

interface Place {
  readonly executor: Executor
  readonly dialect: Dialect
}

/** Throws `not_found`; `conflict` where the target is not one unit, or part of it is no longer in the trail. */
export async function findRange(place: Place, target: UndoTarget): Promise<EntryRange> {
  if ('entryId' in target) {
    const { chain, seq } = await getEntry(place, target.entryId)
    return { chain, from: seq, to: seq }
  }
  const id = 'unitOf' in target ? target.unitOf : await onlyUnitOf(place, target.requestId)
  return findUnit(place, await getEntry(place, id))
}

async function onlyUnitOf(place: Place, requestId: string): Promise<string> {
  const [unit, ...others] = await findUnits(place, requestId)
  if (!unit) throw new Problem('not_found', `No entry has the request id "${requestId}".`)
  if (others.length === 0) return unit.id
  const named = [unit, ...others].map(({ id, operation }) => `${id} (${operation})`)
  throw new Problem(
    'conflict',
    `Several units of work had the request id "${requestId}". Name one by an entry: ${named.join(', ')}.`,
  )
}

interface Placed {
  readonly chain: string
  readonly seq: number
  readonly unitSeq: number
}

async function getEntry(place: Place, id: string): Promise<Placed> {
  const plan = planOf(AuditEntry, place.dialect)
  const statement = plan.statement('undo place', () =>
    toStatement(entries(plan).select(['chain', 'seq', 'unit_seq']).where('id', '=', slot('id'))),
  )
  // PostgreSQL would refuse to look for anything else.
  const [row] = isUuid(id) ? await ask(place.executor, statement, { id: id.toLowerCase() }) : []
  if (!row) throw new Problem('not_found', 'Audit entry not found.')
  return {
    chain: String(row['chain']),
    seq: Number(row['seq']),
    unitSeq: Number(row['unit_seq']),
  }
}

async function findUnit(place: Place, { chain, seq, unitSeq }: Placed): Promise<EntryRange> {
  const plan = planOf(AuditEntry, place.dialect)
  const first = plan.statement('undo first of unit', () =>
    toStatement(
      entries(plan)
        .select('id')
        .where('chain', '=', slot('chain'))
        .where('seq', '=', slot('unitSeq')),
    ),
  )
  if ((await ask(place.executor, first, { chain, unitSeq })).length === 0)
    throw new Problem(
      'conflict',
      'The older entries of this unit of work are no longer in the trail, so that it cannot be undone as a whole.',
    )
  const next = (await seqOfNextUnit(place, { chain, seq, unitSeq })) ?? Number.MAX_SAFE_INTEGER
  return { chain, from: unitSeq, to: next - 1 }
}

/** Where the unit after this one begins. Undefined where this one is the last of its chain. */
async function seqOfNextUnit(place: Place, values: Placed): Promise<number | undefined> {
  const plan = planOf(AuditEntry, place.dialect)
  const statement = plan.statement('undo next unit', () =>
    toStatement(
      entries(plan)
        .select('seq')
        .where('chain', '=', slot('chain'))
        .where('seq', '>', slot('seq'))
        .where('unit_seq', '!=', slot('unitSeq'))
        .orderBy('seq')
        .limit((eb) => eb.lit(1)),
    ),
  )
  const [row] = await ask(place.executor, statement, { ...values })
  return row && Number(row['seq'])
}

/** The units of work that requests of this id did, the oldest first: an id is the client's own choice. */
export function unitsOfRequest(
  repositories: BoundRepositories,
  requestId: string,
): Promise<AuditUnit[]> {
  const { database, binding } = boundTo(repositories)
  return findUnits({ executor: binding.executor, dialect: database.dialect }, requestId)
}

async function findUnits(place: Place, requestId: string): Promise<AuditUnit[]> {
  const plan = planOf(AuditEntry, place.dialect)
  const statement = plan.statement('undo units', () =>
    toStatement(
      entries(plan)
        .select((eb) => [
          'chain',
          eb.fn.min('seq').as('first'),
          eb.fn.countAll().as('entries'),
          eb.fn.min('created_at').as('since'),
        ])
        .where('request_id', '=', slot('requestId'))
        .groupBy(['chain', 'unit_seq'])
        .orderBy('since')
        .orderBy('first')
        .limit((eb) => eb.lit(mostUnits)),
    ),
  )
  const groups = isStorable(requestId) ? await ask(place.executor, statement, { requestId }) : []
  const units: AuditUnit[] = []
  for (const group of groups) units.push(await describeUnit(place, group))
  return units
}

async function describeUnit({ executor, dialect }: Place, group: ColumnRow): Promise<AuditUnit> {
  const plan = planOf(AuditEntry, dialect)
  const statement = plan.statement('undo unit', () =>
    toStatement(
      entries(plan)
        .select(['id', 'operation', 'actor_id', 'created_at'])
        .where('chain', '=', slot('chain'))
        .where('seq', '=', slot('seq')),
    ),
  )
  const values = { chain: String(group['chain']), seq: Number(group['first']) }
  const [row = {}] = await ask(executor, statement, values)
  return {
    id: String(row['id']),
    operation: String(row['operation']),
    actorId: (row['actor_id'] ?? null) as string | null,
    createdAt: String(row['created_at']),
    entries: Number(group['entries']),
  }
}

function entries({ dialect }: ModelPlan) {
  return dialect.compiler.selectFrom(AuditEntry.table)
}
