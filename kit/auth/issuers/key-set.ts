import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTHeaderParameters } from 'jose'
import { type Log, Problem } from '#kit/core'
import { unauthenticated } from '../claims.ts'
import { fetchKeys, KeysUnavailable } from './fetch-keys.ts'

/** For how long keys are taken for an issuer's without asking again: a key that it withdraws is good no longer. */
const keysFreshMs = 10 * 60_000

/** Between two fetches, whatever made them: a stranger's key ids and an issuer that is down cost one each time. */
const pauseMs = 5000

/** The keys of one issuer, as it publishes them. */
export interface KeySet {
  /**
   * The one key that this token may be signed with. Throws `unauthenticated` where there is none, or none can be had.
   */
  keyFor(header: JWTHeaderParameters): Promise<CryptoKey>
  /** Until when the keys that are known are taken for the issuer's. */
  freshUntilMs(): number
}

export interface KeySetOptions {
  readonly url: string
  readonly nowMs: () => number
  readonly log: Log
  /** Default: over the network, bounded. */
  readonly fetchKeys?: ((url: string) => Promise<JSONWebKeySet>) | undefined
}

type Find = ReturnType<typeof createLocalJWKSet>

/**
 * Remembers the keys, and asks again for a key id it does not know; one fetch at a time, for all who wait. Without
 * fresh keys it finds none: an issuer that cannot be asked may have withdrawn them.
 */
export function createKeySet({ url, nowMs, log, ...options }: KeySetOptions): KeySet {
  const fetchSet = options.fetchKeys ?? fetchKeys
  let known: { readonly find: Find; readonly sinceMs: number } | undefined
  let triedMs = Number.NEGATIVE_INFINITY
  let underway: Promise<void> | undefined

  const fetchNow = async () => {
    const startedMs = nowMs()
    try {
      known = { find: createLocalJWKSet(await fetchSet(url)), sinceMs: startedMs }
    } catch (error) {
      if (!isExpected(error)) throw error
      log.warn({ err: error, url }, 'The keys of AUTH_ISSUER cannot be had.')
    } finally {
      triedMs = nowMs()
    }
  }
  /** Waits for the fetch that is under way, or for one of its own; for none where the last was a moment ago. */
  const refresh = (): Promise<void> | undefined => {
    if (underway === undefined && nowMs() - triedMs >= pauseMs)
      underway = fetchNow().finally(() => {
        underway = undefined
      })
    return underway
  }
  const fresh = () => (known && nowMs() < known.sinceMs + keysFreshMs ? known.find : undefined)

  return Object.freeze({
    freshUntilMs: () => (known ? known.sinceMs + keysFreshMs : 0),
    keyFor: async (header: JWTHeaderParameters) => {
      if (fresh() === undefined) await refresh()
      const first = await keyIn(fresh(), header)
      if (first !== undefined) return first
      await refresh()
      const second = await keyIn(fresh(), header)
      if (second !== undefined) return second
      throw fresh() === undefined ? keysMissing() : keyUnknown()
    },
  })
}

/** Undefined where no key has this id and is for this algorithm. */
async function keyIn(
  find: Find | undefined,
  header: JWTHeaderParameters,
): Promise<CryptoKey | undefined> {
  try {
    return await find?.(header)
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return undefined
    if (error instanceof errors.JWKSMultipleMatchingKeys) throw keyAmbiguous()
    throw keyUnusable(error)
  }
}

function isExpected(error: unknown): boolean {
  return error instanceof KeysUnavailable || error instanceof errors.JWKSInvalid
}

function keysMissing(): Problem {
  return unauthenticated(
    "The keys of the token's issuer cannot be had at the moment. Try again in a few seconds.",
  )
}

function keyUnknown(): Problem {
  return unauthenticated('The token is signed with a key that its issuer does not publish.')
}

function keyAmbiguous(): Problem {
  return unauthenticated('The token does not say which of the keys of its issuer signed it (kid).')
}

function keyUnusable(cause: unknown): Problem {
  return new Problem('unauthenticated', 'The key that signed the token is not fit for it.', {
    cause,
  })
}
