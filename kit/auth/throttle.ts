import { type Clock, fromInstant, type Ids, toInstant } from '#kit/core'
import type { Database } from '#kit/db'
import { defineService } from '#kit/http'
import {
  type AttemptLimit,
  fail,
  giveBack,
  type KeyState,
  reserve,
  standingOf,
  succeed,
} from './attempt-rules.ts'
import type { Attempt } from './throttle-model.ts'
import { openThrottleStore, type ThrottleStore } from './throttle-store.ts'
import { type ReportHeaders, rateLimitHeaders, type Standing, tooMany } from './too-many.ts'
import { createWaitingLine, type WaitingLine } from './waiting-line.ts'

/** Something whose failures are counted, and how many it may have. */
export interface LimitedKey {
  readonly key: string
  readonly limit: AttemptLimit
}

/** So many of something in a window of time, counted anew when it is over. */
export interface Quota {
  readonly name: string
  readonly quota: number
  readonly windowMs: number
}

/** What a check of a secret counts for, and who hears how the limits stand after it. */
export interface Guarded {
  readonly keys: readonly LimitedKey[]
  readonly report: ReportHeaders
}

/** Counts attempts and uses, in the database: for all processes, and across restarts. */
export interface Throttling {
  /**
   * Runs a check of a secret, which answers undefined where it is wrong. Throws `rate_limited` with `Retry-After`
   * while one of the keys is locked, be the secret right or wrong. A place is reserved before the check, so that
   * attempts in parallel are no more than those one by one; further ones wait for those whose outcome may give a
   * place back, up to 3 s where these run in other processes. A check that throws counts as no attempt. `report` hears the `RateLimit` headers
   * of the key that has least left.
   */
  guard<T>(guarded: Guarded, check: () => Promise<T | undefined>): Promise<T | undefined>
  /** Uses up one of a quota, and reports what is left. Throws `rate_limited` with `Retry-After` where none is. */
  spend(key: string, quota: Quota, report: ReportHeaders): Promise<void>
}

interface ThrottleOptions {
  readonly database: Database
  readonly clock: Clock
  readonly ids: Ids
  /** How long to wait for attempts that run in other processes. Default: 3 s. */
  readonly patienceMs?: number
}

type Context = ThrottleOptions & { readonly line: WaitingLine }

/** How many may wait at one key for others to finish: the last of them about as long as a request may take. */
const longestLine = 200

const usualPatienceMs = 3000
/** How often to look whether they are done: a check takes about a quarter of a second. */
const lookEveryMs = 50

/** The longest lock, and as long again in which it is remembered: what was not touched for so long counts no more. */
export const throttleKeptMs = 48 * 3_600_000

export function createThrottling(options: ThrottleOptions): Throttling {
  const context = { ...options, line: createWaitingLine(longestLine) }
  return Object.freeze({
    guard: async <T>({ keys, report }: Guarded, check: () => Promise<T | undefined>) => {
      const attempt = await begin(context, keys)
      let settle: Settle = giveBackTo
      try {
        const found = await check()
        settle = found === undefined ? fail : succeed
        return found
      } finally {
        report(rateLimitHeaders(await end(context, keys, { attempt, settle })))
      }
    },
    spend: async (key: string, quota: Quota, report: ReportHeaders) =>
      report(rateLimitHeaders(await spend(context, key, quota))),
  })
}

/** The throttle of this server. */
export const throttling = defineService('throttling', createThrottling)

/** Reserves a place at every key, or none. */
async function begin(context: Context, keys: readonly LimitedKey[]): Promise<Attempt> {
  const { database, clock, ids, line, patienceMs = usualPatienceMs } = context
  const names = keys.map(({ key }) => key)
  const untilMs = performance.now() + patienceMs
  for (;;) {
    const hasMoved = line.enter(names)
    const attempt = { id: ids.uuid(), atMs: clock.nowMs(), hasFailed: false }
    const refusal = await database
      .write('throttle.begin', async (unit) =>
        tryReserve(openThrottleStore(database, unit, clock.nowMs), keys, attempt),
      )
      .catch((error: unknown) => {
        line.leave(names)
        throw error
      })
    if (refusal === undefined) return attempt
    // Whoever took the places may have left while the answer was on its way.
    const isStale = refusal.outcome === 'full' && hasMoved(refusal.by.key)
    line.stepAside(names)
    if (!isStale) await waitOrThrow(line, { names, refusal, untilMs })
  }
}

interface Refusal {
  readonly by: LimitedKey
  readonly outcome: 'locked' | 'full'
  readonly retryAfterMs: number
}

async function tryReserve(
  store: ThrottleStore,
  keys: readonly LimitedKey[],
  attempt: Attempt,
): Promise<Refusal | undefined> {
  const refusals: Refusal[] = []
  const reserved: (() => Promise<void>)[] = []
  for (const by of keys) {
    const before = await store.get(by.key)
    const result = reserve(before, by.limit, attempt)
    if (result.outcome !== 'reserved') refusals.push({ by, ...result })
    else reserved.push(() => store.set(by.key, { ...result.state, used: before.used }))
  }
  if (refusals.length === 0) for (const write of reserved) await write()
  // A lock refuses at once; only where there is none may waiting help.
  return refusals.find(({ outcome }) => outcome === 'locked') ?? refusals[0]
}

interface Wait {
  readonly names: readonly string[]
  readonly refusal: Refusal
  /** Until when those in other processes are waited for. */
  readonly untilMs: number
}

async function waitOrThrow(line: WaitingLine, { names, refusal, untilMs }: Wait): Promise<void> {
  const { by, outcome, retryAfterMs } = refusal
  const isHere = line.isBusy(by.key)
  const turn = outcome === 'full' && isHere ? line.wait(by.key) : undefined
  if (turn) return turn
  if (outcome === 'full' && !isHere && performance.now() < untilMs) return lookLater(line, names)
  // Those who wait behind are to hear the same: each calls the next.
  line.enter(names)
  line.leave(names)
  const { name, failures, windowMs } = by.limit
  throw tooMany({ name, quota: failures, windowMs, retryAfterMs })
}

/** Nobody tells us what happens in another process. One looks, and all who come here meanwhile wait for him. */
async function lookLater(line: WaitingLine, names: readonly string[]): Promise<void> {
  line.enter(names)
  await Bun.sleep(lookEveryMs * (1 + Math.random()))
  line.stepAside(names)
}

type Settle = typeof fail

const giveBackTo: Settle = (state, _limit, attempt) => giveBack(state, attempt)

async function end(
  { database, clock, line }: Context,
  keys: readonly LimitedKey[],
  { attempt, settle }: { readonly attempt: Attempt; readonly settle: Settle },
): Promise<Standing> {
  try {
    return await database.write('throttle.end', async (unit) => {
      const store = openThrottleStore(database, unit, clock.nowMs)
      const standings: Standing[] = []
      for (const { key, limit } of keys) {
        const before = await store.get(key)
        const after = settle(before, limit, attempt)
        await store.set(key, { ...after, used: before.used })
        standings.push(toStanding(after, limit, clock.nowMs()))
      }
      return standings.reduce((least, other) => (other.remaining < least.remaining ? other : least))
    })
  } finally {
    line.leave(keys.map(({ key }) => key))
  }
}

function toStanding(state: KeyState, limit: AttemptLimit, nowMs: number): Standing {
  const { name, failures, windowMs } = limit
  return { name, quota: failures, windowMs, ...standingOf(state, limit, nowMs) }
}

async function spend({ database, clock }: Context, key: string, quota: Quota): Promise<Standing> {
  return database.write('throttle.spend', async (unit) => {
    const store = openThrottleStore(database, unit, clock.nowMs)
    const before = await store.get(key)
    const now = clock.nowMs()
    const endsAt = before.until === null ? 0 : fromInstant(before.until)
    const isOver = endsAt <= now
    if (!isOver && before.used >= quota.quota)
      throw tooMany({ ...quota, retryAfterMs: endsAt - now })
    const until = isOver ? toInstant(now + quota.windowMs) : before.until
    const used = isOver ? 1 : before.used + 1
    await store.set(key, { ...before, until, used })
    const resetMs = isOver ? quota.windowMs : endsAt - now
    return { ...quota, remaining: quota.quota - used, resetMs }
  })
}
