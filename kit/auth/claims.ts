import { isUuid, Problem } from '#kit/core'

/** What a verified access token says. */
export interface AccessClaims {
  readonly userId: string
  readonly sessionId: string
  readonly expiresAtMs: number
}

/** What a verified refresh token says: of which session it is, and the how manieth. */
export interface RefreshClaims {
  readonly sessionId: string
  readonly generation: number
}

export function unauthenticated(detail: string): Problem {
  return new Problem('unauthenticated', detail)
}

type Payload = Readonly<Record<string, unknown>>

/** Throws `unauthenticated` where the claims are not those of an access token of this server. */
export function toAccessClaims({ sub, sid, exp }: Payload): AccessClaims {
  if (!isId(sub) || !isId(sid) || typeof exp !== 'number')
    throw unauthenticated('The token lacks the claims of an access token of this server.')
  return Object.freeze({ userId: sub, sessionId: sid, expiresAtMs: exp * 1000 })
}

/** Throws `unauthenticated` where the claims are not those of a refresh token of this server. */
export function toRefreshClaims({ sid, generation }: Payload): RefreshClaims {
  if (!isId(sid) || typeof generation !== 'number' || !Number.isSafeInteger(generation))
    throw unauthenticated('The token lacks the claims of a refresh token of this server.')
  return { sessionId: sid, generation }
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && isUuid(value)
}
