import { fromInstant, toInstant } from '#kit/core'
import type { Row } from '#kit/model'
import type { Attempt, Throttle } from './throttle-model.ts'

/** How many failures a key may have within a window, and how long it is locked after them. */
export interface AttemptLimit {
  /** Names it in `RateLimit` headers. */
  readonly name: string
  readonly failures: number
  readonly windowMs: number
  /** The first lock; each further one is twice as long. */
  readonly lockMs: number
  readonly longestLockMs: number
  /** After so long without one, locks start from the first again. */
  readonly forgetMs: number
  /** What a success does to the failures before it: an account's owner clears them, a neighbour does not. */
  readonly onSuccess: 'forgive' | 'give back'
}

/** What is remembered of a key. */
export type KeyState = Pick<Row<typeof Throttle>, 'attempts' | 'locks' | 'until'>

export const unknownKey: KeyState = Object.freeze({ attempts: [], locks: 0, until: null })

export type Reservation =
  | { readonly outcome: 'reserved'; readonly state: KeyState }
  /** `full`: attempts that are under way take the places that are left; soon it is known what becomes of them. */
  | { readonly outcome: 'locked' | 'full'; readonly retryAfterMs: number }

/** Reserves a place for an attempt, so that as many at once as one likes are not more than the limit allows. */
export function reserve(state: KeyState, limit: AttemptLimit, attempt: Attempt): Reservation {
  const now = attempt.atMs
  const lockedUntil = state.until === null ? 0 : fromInstant(state.until)
  if (lockedUntil > now) return { outcome: 'locked', retryAfterMs: lockedUntil - now }
  const attempts = recent(state.attempts, limit, now)
  if (attempts.length >= limit.failures) return refuse(attempts, limit, now)
  const isForgotten = lockedUntil + limit.forgetMs <= now
  const kept = isForgotten ? { locks: 0, until: null } : { locks: state.locks, until: state.until }
  return { outcome: 'reserved', state: { ...kept, attempts: [...attempts, attempt] } }
}

/** Counts the attempt as failed; the last one allowed locks the key. */
export function fail(state: KeyState, limit: AttemptLimit, attempt: Attempt): KeyState {
  const others = state.attempts.filter(({ id }) => id !== attempt.id)
  const attempts = [...others, { ...attempt, hasFailed: true }].sort((a, b) => a.atMs - b.atMs)
  if (attempts.filter(({ hasFailed }) => hasFailed).length < limit.failures)
    return { ...state, attempts }
  const lockMs = Math.min(limit.lockMs * 2 ** state.locks, limit.longestLockMs)
  return { attempts: [], locks: state.locks + 1, until: toInstant(attempt.atMs + lockMs) }
}

/**
 * Gives the attempt's place back. Where the limit says so, what failed before is forgotten too: whoever knows the
 * secret is no guesser.
 */
export function succeed(state: KeyState, limit: AttemptLimit, attempt: Attempt): KeyState {
  const others = giveBack(state, attempt)
  if (limit.onSuccess === 'give back') return others
  return { attempts: others.attempts.filter(isOpen), locks: 0, until: null }
}

/** Gives the attempt's place back, as if it had not been. */
export function giveBack(state: KeyState, attempt: Attempt): KeyState {
  return { ...state, attempts: state.attempts.filter(({ id }) => id !== attempt.id) }
}

/** How many more failures the key may have, and when it may have all of them again. */
export function standingOf(state: KeyState, limit: AttemptLimit, nowMs: number) {
  const lockedForMs = state.until === null ? 0 : fromInstant(state.until) - nowMs
  if (lockedForMs > 0) return { remaining: 0, resetMs: lockedForMs }
  const failed = recent(state.attempts, limit, nowMs).filter(({ hasFailed }) => hasFailed)
  const oldestMs = failed.length > 0 ? Math.min(...failed.map(({ atMs }) => atMs)) : nowMs
  return { remaining: limit.failures - failed.length, resetMs: oldestMs + limit.windowMs - nowMs }
}

/** Whether nothing of it needs to be remembered. */
export function isBlank({ attempts, locks, until }: KeyState): boolean {
  return attempts.length === 0 && locks === 0 && until === null
}

function recent(attempts: readonly Attempt[], limit: AttemptLimit, nowMs: number) {
  return attempts.filter(({ atMs }) => atMs + limit.windowMs > nowMs)
}

function isOpen({ hasFailed }: Attempt): boolean {
  return !hasFailed
}

/** No request takes longer: a place held for more is that of a process that died, and counts as a failure. */
const longestRequestMs = 30_000

function refuse(attempts: readonly Attempt[], limit: AttemptLimit, nowMs: number): Reservation {
  if (attempts.some((each) => isOpen(each) && each.atMs + longestRequestMs > nowMs))
    return { outcome: 'full', retryAfterMs: 1000 }
  const oldestMs = Math.min(...attempts.map(({ atMs }) => atMs))
  return { outcome: 'locked', retryAfterMs: oldestMs + limit.windowMs - nowMs }
}
