import {
  dateIn,
  type Fault,
  fromInstant,
  type Instant,
  invalidInput,
  Problem,
  toInstant,
} from '#kit/core'
import type { Patch, Row } from '#kit/model'
import type { MilkEntry, MilkSession } from './model.ts'
import { type Phase, phases, type State, states } from './phases.ts'
import type { EntryRow } from './summary.ts'

export type SessionRow = Row<typeof MilkSession>
type SessionPatch = Patch<typeof MilkSession>
type EntryPatch = Patch<typeof MilkEntry>

/** How long the night and the morning after are one session. */
const currentForMs = 20 * 3_600_000

/** A session that is not finished is current if it was started after this instant. */
export function currentSince(nowMs: number): Instant {
  return toInstant(nowMs - currentForMs)
}

/** The date of a session that is started now: the shop's, or yesterday's where that is asked for. Throws `invalid`. */
export function dateOfStart(asked: string | undefined, nowMs: number, timeZone: string): string {
  const today = dateIn(timeZone)(nowMs)
  if (asked === undefined || asked === today || asked === dateBefore(today)) return asked ?? today
  throw invalidInput([
    {
      path: 'session_date',
      code: 'range',
      message: `Must be today (${today}) or yesterday (${dateBefore(today)}).`,
    },
  ])
}

function dateBefore(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) - 24 * 3_600_000).toISOString().slice(0, 10)
}

/** Throws `invalid` for a date of the future. */
export function assertNotFuture(date: string, nowMs: number, timeZone: string): void {
  const today = dateIn(timeZone)(nowMs)
  if (date <= today) return
  const message = `Must not be in the future: today is ${today}.`
  throw invalidInput([{ path: 'session_date', code: 'range', message }])
}

/** What a phase is told of one milk type. */
export interface Told {
  readonly milk_type_id: string
  readonly values: EntryPatch
}

/** Throws `invalid` with all that is wrong where these are not the types of the session, each once. */
export function assertEach(
  list: string,
  told: readonly Told[],
  entries: readonly EntryRow[],
): void {
  const wanted = new Set(entries.map(({ milk_type_id }) => milk_type_id))
  const seen = new Set<string>()
  const wrong = told.flatMap(({ milk_type_id: id }, at): Fault[] => {
    const path = `${list}.${at}.milk_type_id`
    if (seen.has(id)) return [{ path, code: 'duplicate_type', message: 'Is named twice.' }]
    seen.add(id)
    if (wanted.has(id)) return []
    return [{ path, code: 'unknown_type', message: 'Is no milk type of this session.' }]
  })
  const missing = [...wanted]
    .filter((id) => !seen.has(id))
    .map((id) => ({ path: list, code: 'missing_type', message: `${id} is missing.` }))
  const faults = [...wrong, ...missing]
  if (faults.length > 0) throw invalidInput(faults)
}

/** What saving a phase comes to. */
export type Step =
  /** It was due: the next one is. */
  | 'advance'
  /** It was saved, and is corrected. */
  | 'replace'
  /** It was saved, with the same values. */
  | 'keep'
  /** It was saved, with others: refused. */
  | 'saved'
  /** Another is due before it: refused. */
  | 'early'

export interface Saving {
  readonly phase: Phase
  readonly isSame: boolean
  readonly isCorrection: boolean
}

export function stepOf(session: SessionRow, { phase, isSame, isCorrection }: Saving): Step {
  if (session.status === phase) return 'advance'
  if (session[`${phase}_saved_at`] === null) return 'early'
  if (isSame) return 'keep'
  return isCorrection && session.status !== 'completed' ? 'replace' : 'saved'
}

/** Whether the entry holds these values already. */
export function holds(entry: EntryRow, values: EntryPatch): boolean {
  return Object.entries(values).every(([name, value]) => entry[name as keyof EntryRow] === value)
}

export interface Saver {
  readonly actorId: string
  readonly nowMs: number
}

/** A phase is saved: by whom, when, and where that was due the next one is. */
export function save(
  session: SessionRow,
  phase: Phase,
  { actorId, nowMs }: Saver,
): SessionPatch & { readonly status: State } {
  const at = toInstant(Math.max(nowMs, momentAfter(session[`${phase}_saved_at`])))
  const status = session.status === phase ? stateAfter(phase) : session.status
  return {
    status,
    [`${phase}_by`]: actorId,
    [`${phase}_saved_at`]: at,
    ...(status === 'completed' ? { completed_at: at } : {}),
  }
}

/** Each save is later than the one before it, be it by a millisecond: by that entity tags tell them apart. */
function momentAfter(instant: Instant | null): number {
  return instant === null ? 0 : fromInstant(instant) + 1
}

function stateAfter(phase: Phase): State {
  return states[phases.indexOf(phase) + 1] ?? 'completed'
}

/** A completed session waits for its orders again. */
export function reopen(session: SessionRow): SessionPatch {
  if (session.status !== 'completed')
    throw new Problem('conflict', 'This session is not completed: there is nothing to reopen.')
  return { status: 'on_order', completed_at: null }
}
