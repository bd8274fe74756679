import { Problem } from '#kit/core'
import type { BoundRepositories } from '#kit/db'
import { peopleNames, type SignedIn, type Use } from '#kit/http'
import { MilkEntry, MilkSession } from './model.ts'
import type { Phase } from './phases.ts'
import { assertEach, holds, type SessionRow, type Step, save, stepOf, type Told } from './rules.ts'
import { entriesOf, lockTypes, placedOf, typesOf } from './sessions.ts'
import { type EntryRow, frozen, inOrder, type Placed } from './summary.ts'

/** What is saved, and what everything about it needs of its request. */
export interface SaveRequest {
  readonly db: BoundRepositories
  /** Locks rows of milk types, and tells the names of people. */
  readonly system: BoundRepositories
  readonly use: Use
  readonly actor: SignedIn
  readonly nowMs: () => number
  readonly id: string
  readonly phase: Phase
  /** The member of the body that the lines stand in. */
  readonly list: string
  readonly told: readonly Told[]
  readonly isCorrection: boolean
}

export interface Saved {
  readonly session: SessionRow
  readonly placed: readonly Placed[]
}

/**
 * Saves a phase, the session's row locked. Where it holds these values already, nothing is written. Throws `invalid` for
 * other types than the session's, `conflict` where it is not due, or saved with other values.
 */
export async function savePhase(request: SaveRequest): Promise<Saved> {
  const { db, id, phase, told, isCorrection } = request
  const session = await db(MilkSession).change(id, {})
  const entries = await entriesOf(db, id)
  assertEach(request.list, told, entries)
  const toldOf = new Map(told.map((each) => [each.milk_type_id, each.values]))
  const isSame = entries.every((entry) => holds(entry, toldOf.get(entry.milk_type_id) ?? {}))
  const step = stepOf(session, { phase, isSame, isCorrection })
  const after = await perform[step](request, { session, entries, toldOf })
  return { session: after, placed: await placedOf(db, id) }
}

interface Found {
  readonly session: SessionRow
  readonly entries: readonly EntryRow[]
  readonly toldOf: ReadonlyMap<string, Told['values']>
}

type Perform = (request: SaveRequest, found: Found) => Promise<SessionRow>

const perform: Readonly<Record<Step, Perform>> = {
  advance: write,
  replace: write,
  keep: async (_, { session }) => session,
  saved: async (request, { session }) => {
    throw await alreadySaved(request, session)
  },
  early: async (_, { session }) => {
    const detail = `Not yet: what is due is ${session.status}.`
    throw new Problem('conflict', detail, { members: { phase: session.status } })
  },
}

/** The session first: by that feeds tell what was done. */
async function write(request: SaveRequest, found: Found): Promise<SessionRow> {
  const { db, actor, phase, nowMs } = request
  const { session, entries, toldOf } = found
  const patch = save(session, phase, { actorId: actor.id, nowMs: nowMs() })
  const after = await db(MilkSession).change(session.id, patch)
  const frozenOf = patch.status === 'completed' ? await freeze(request, entries) : undefined
  for (const { id, milk_type_id } of entries)
    await db(MilkEntry).change(id, { ...toldOf.get(milk_type_id), ...frozenOf?.get(id) })
  return after
}

/** What each entry, by its id, freezes: of its type as it is when nobody else can change it. */
async function freeze({ db, system }: SaveRequest, entries: readonly EntryRow[]) {
  const types = await lockTypes(system, await typesOf(db, entries))
  return new Map(
    inOrder(entries, types).map((placed, at) => [placed.entry.id, frozen(placed, at + 1)]),
  )
}

async function alreadySaved(
  { phase, use, system }: SaveRequest,
  session: SessionRow,
): Promise<Problem> {
  const by = session[`${phase}_by`] ?? ''
  const saved_by_name = (await use(peopleNames)(system, [by])).get(by) ?? null
  const detail =
    session.status === 'completed'
      ? 'This session is completed; what it says stays.'
      : 'It is saved already, with other values. Send "correction": true to replace them.'
  return new Problem('conflict', detail, {
    members: { saved_by_name, saved_at: session[`${phase}_saved_at`] },
  })
}
