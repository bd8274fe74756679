import { type JWTHeaderParameters, jwtVerify } from 'jose'
import type { IssuerConfig, Log } from '#kit/core'
import { defineService } from '#kit/http'
import { unauthenticated } from '../claims.ts'
import { expired, headerOf, importKey, isUnsigned, unsigned } from '../signed-token.ts'
import {
  assertHeader,
  clockToleranceSeconds,
  type ForeignClaims,
  foreignRefusal,
  toForeignClaims,
} from './foreign-claims.ts'
import { createKeySet, type KeySetOptions } from './key-set.ts'

/** The tokens of another issuer. */
export interface ForeignTokens {
  /** Whether it signs with the algorithm that we sign with: then the signature alone tells whose a token is. */
  readonly sharesAlgorithm: boolean
  /** What a token says that was verified before; undefined for any other. Throws `unauthenticated` once it expired. */
  recall(token: string): ForeignClaims | undefined
  /**
   * What the token says. Rejects with `unauthenticated`, with a detail of its own for whatever is wrong with it: who
   * signed it, how, for whom, for when and for what.
   */
  verify(token: string): Promise<ForeignClaims>
}

export interface ForeignTokenOptions {
  readonly issuer: IssuerConfig
  /** Verifies HS256 tokens. */
  readonly sharedSecret: string | undefined
  readonly nowMs: () => number
  readonly log: Log
  /** How many verified tokens are remembered. Default 10,000. */
  readonly remembered?: number
  readonly fetchKeys?: KeySetOptions['fetchKeys']
}

/** Signed with a key that only the issuer has. No kind of key fits two of them. */
const publicAlgorithms = ['EdDSA', 'ES256', 'RS256']
const sharedAlgorithm = 'HS256'

/** Whose users they are where the issuer has no name: of all issuers one shares our secret. */
const namelessIssuer = 'better-auth'

/** How tokens of an algorithm are verified, and until when what was found is remembered. */
interface Verifier {
  readonly key: (header: JWTHeaderParameters) => Promise<CryptoKey>
  readonly goodUntilMs: () => number
}

export function createForeignTokens(options: ForeignTokenOptions): ForeignTokens {
  const { issuer, nowMs, remembered = 10_000 } = options
  const verifiers = createVerifiers(options)
  const known = new Map<string, ForeignClaims & { readonly goodUntilMs: number }>()
  const remember = (token: string, claims: ForeignClaims, goodUntilMs: number) => {
    const oldest = known.size >= remembered ? known.keys().next().value : undefined
    if (oldest !== undefined) known.delete(oldest)
    known.set(token, { ...claims, goodUntilMs })
  }
  return Object.freeze({
    sharesAlgorithm: verifiers.has(sharedAlgorithm),
    recall: (token: string) => {
      const claims = known.get(token)
      if (claims === undefined || nowMs() < Math.min(claims.expiresAtMs, claims.goodUntilMs))
        return claims
      known.delete(token)
      if (claims.expiresAtMs <= nowMs()) throw expired()
      return undefined
    },
    verify: async (token: string) => {
      const header = headerOf(token)
      if (isUnsigned(header.alg)) throw unsigned()
      const verifier = verifiers.get(String(header.alg))
      if (verifier === undefined) throw anotherAlgorithm([...verifiers.keys()])
      assertHeader(header)
      const payload = await verifyWith(token, verifier, options)
      const claims = toForeignClaims(payload, issuer.issuer ?? namelessIssuer, nowMs())
      remember(token, claims, verifier.goodUntilMs())
      return claims
    },
  })
}

/** The tokens of the issuer that the configuration names; undefined where it names none. */
export const foreignTokens = defineService('foreign tokens', ({ config, clock, log }) =>
  config.issuer === undefined
    ? undefined
    : createForeignTokens({
        issuer: config.issuer,
        sharedSecret: config.betterAuthSecret,
        nowMs: clock.nowMs,
        log,
      }),
)

/** Whether we may have signed it ourselves, by what it says: the signature then tells. */
export function mayBeOurs(token: string): boolean {
  return headerOf(token).alg === sharedAlgorithm
}

/** By algorithm, so that a key is never tried with another than its own (RFC 8725, 3.1). */
function createVerifiers(options: ForeignTokenOptions): ReadonlyMap<string, Verifier> {
  const { issuer, sharedSecret, nowMs, log } = options
  const verifiers = new Map<string, Verifier>()
  if (sharedSecret !== undefined) {
    const key = importKey(new TextEncoder().encode(sharedSecret))
    verifiers.set(sharedAlgorithm, {
      key: () => key,
      goodUntilMs: () => Number.POSITIVE_INFINITY,
    })
  }
  if (issuer.jwksUrl !== undefined) {
    const keys = createKeySet({ url: issuer.jwksUrl, nowMs, log, fetchKeys: options.fetchKeys })
    for (const algorithm of publicAlgorithms)
      verifiers.set(algorithm, { key: keys.keyFor, goodUntilMs: keys.freshUntilMs })
  }
  return verifiers
}

async function verifyWith(
  token: string,
  { key }: Verifier,
  { issuer: { issuer, audience }, nowMs }: ForeignTokenOptions,
) {
  const { alg } = headerOf(token)
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [String(alg)],
      currentDate: new Date(nowMs()),
      clockTolerance: clockToleranceSeconds,
      ...(issuer !== undefined && { issuer }),
      ...(audience !== undefined && { audience }),
    })
    return payload
  } catch (error) {
    throw foreignRefusal(error)
  }
}

function anotherAlgorithm(known: readonly string[]) {
  return unauthenticated(
    `The token is signed with another algorithm than ${[...new Set([sharedAlgorithm, ...known])].join(', ')}.`,
  )
}
