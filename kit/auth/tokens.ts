import { hkdfSync } from 'node:crypto'
import { defineService } from '#kit/http'
import { type AccessClaims, type RefreshClaims, toAccessClaims, toRefreshClaims } from './claims.ts'
import { createSignedTokens, expired, type SignedTokens } from './signed-token.ts'

/** The tokens of this server: access tokens for requests, refresh tokens for new ones. */
export interface Tokens {
  /** Seconds that an access token is good for. */
  readonly accessSeconds: number
  signAccess(subject: { readonly userId: string; readonly sessionId: string }): Promise<string>
  /**
   * Who it speaks for. A token that was verified before is answered at once, its expiry checked again. Throws (or
   * rejects with) `unauthenticated`, with a detail of its own for malformed, unsigned, another algorithm, wrong
   * signature and expired.
   */
  verifyAccess(token: string): AccessClaims | Promise<AccessClaims>
  /** As `verifyAccess` for a token that was verified before; undefined for any other. */
  recallAccess(token: string): AccessClaims | undefined
  signRefresh(claims: RefreshClaims): Promise<string>
  /** As `verifyAccess`. An access token is none, nor the other way round: they are signed with different keys. */
  verifyRefresh(token: string): Promise<RefreshClaims>
}

export interface TokenOptions {
  readonly secret: string
  /** Those that signed before it, the newest first: what they signed is good until it expires. Default: none. */
  readonly oldSecrets?: readonly string[] | undefined
  readonly accessTokenMs: number
  readonly refreshTokenMs: number
  readonly nowMs: () => number
  readonly makeId: () => string
  /** How many verified tokens are remembered. Default 10,000. */
  readonly remembered?: number
}

export function createTokens(options: TokenOptions): Tokens {
  const { secret, oldSecrets = [], nowMs, makeId, accessTokenMs, refreshTokenMs } = options
  const signedWith = (toKey: (secret: string) => Uint8Array) =>
    createSignedTokens([toKey(secret), ...oldSecrets.map(toKey)])
  const access = signedWith((each) => new TextEncoder().encode(each))
  const refresh = signedWith((each) => deriveKey(each, 'plinth refresh token'))
  const { verify: verifyAccess, recall: recallAccess } = rememberVerified(access, options)
  const issue = (tokens: SignedTokens, claims: Record<string, unknown>, lifetimeMs: number) => {
    const iat = Math.floor(nowMs() / 1000)
    const exp = iat + Math.floor(lifetimeMs / 1000)
    return tokens.sign({ ...claims, jti: makeId(), iat, exp })
  }
  return Object.freeze({
    accessSeconds: Math.floor(accessTokenMs / 1000),
    signAccess: ({ userId, sessionId }: { userId: string; sessionId: string }) =>
      issue(access, { sub: userId, sid: sessionId, user_id: userId }, accessTokenMs),
    verifyAccess,
    recallAccess,
    signRefresh: ({ sessionId, generation }: RefreshClaims) =>
      issue(refresh, { sid: sessionId, generation }, refreshTokenMs),
    verifyRefresh: async (token: string) => toRefreshClaims(await refresh.verify(token, nowMs())),
  })
}

/** The tokens of this server. */
export const tokens = defineService('tokens', ({ config, clock, ids }) =>
  createTokens({ ...config, nowMs: clock.nowMs, makeId: ids.uuid }),
)

/** A key for one purpose alone, so that what is signed for one is worth nothing for another (RFC 5869). */
function deriveKey(secret: string, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', purpose, 32))
}

/** Remembers by the token itself, whole: whoever presents it holds what was verified. */
function rememberVerified(signed: SignedTokens, { nowMs, remembered = 10_000 }: TokenOptions) {
  const known = new Map<string, AccessClaims>()
  const verifyNew = async (token: string) => {
    const claims = toAccessClaims(await signed.verify(token, nowMs()))
    const oldest = known.size >= remembered ? known.keys().next().value : undefined
    if (oldest !== undefined) known.delete(oldest)
    known.set(token, claims)
    return claims
  }
  const recall = (token: string): AccessClaims | undefined => {
    const claims = known.get(token)
    if (claims === undefined || claims.expiresAtMs > nowMs()) return claims
    known.delete(token)
    throw expired()
  }
  return { recall, verify: (token: string) => recall(token) ?? verifyNew(token) }
}
