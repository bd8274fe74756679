import { errors, type JWTPayload, type ProtectedHeaderParameters } from 'jose'
import { Problem } from '#kit/core'
import { unauthenticated } from '../claims.ts'
import { expired, malformed, wrongSignature } from '../signed-token.ts'

/** What a verified token of another issuer says. */
export interface ForeignClaims {
  readonly issuer: string
  /** Whom the issuer means: a name of his own that never changes. */
  readonly subject: string
  readonly email: string | undefined
  readonly name: string | undefined
  /** Undefined where the issuer does not say. */
  readonly issuedAtMs: number | undefined
  readonly expiresAtMs: number
}

/** By how much the clocks of an issuer and of this server may differ. Never lets an expired token in. */
export const clockToleranceSeconds = 30

/** What may hold a key or lead to one: whoever writes the token chooses it (RFC 8725, 3.10). */
const keyHeaders = ['jku', 'jwk', 'x5u', 'x5c']

/** RFC 7519, 5.1, and RFC 9068, 2.1. A token of any other type was made for another purpose. */
const types = ['jwt', 'application/jwt', 'at+jwt', 'application/at+jwt']

/** Better Auth's tokens of links in e-mails say these; an access token has nothing to do with them. */
const emailClaims = ['updateTo', 'requestType']

/** Throws `unauthenticated` for a token that brings its own key, or says it is for something else. */
export function assertHeader(header: ProtectedHeaderParameters): void {
  if (keyHeaders.some((name) => Object.hasOwn(header, name)))
    throw unauthenticated('The token brings a key of its own, or where to find one: none is taken.')
  if (header.typ !== undefined && !types.includes(String(header.typ).toLowerCase()))
    throw unauthenticated('The token is for another purpose (typ): it is no access token.')
}

/** Throws `unauthenticated` where the claims are not those of a token that somebody may come with. */
export function toForeignClaims(payload: JWTPayload, issuer: string, nowMs: number): ForeignClaims {
  const { sub, iat, exp, email, name } = payload
  if (exp === undefined)
    throw unauthenticated('The token never expires (exp): its issuer must say when.')
  if (exp * 1000 <= nowMs) throw expired()
  if (iat !== undefined && iat * 1000 > nowMs + clockToleranceSeconds * 1000)
    throw unauthenticated('The token was issued in the future (iat): compare the clocks.')
  if (emailClaims.some((name) => Object.hasOwn(payload, name)))
    throw unauthenticated('The token is for another purpose: it verifies an e-mail address.')
  if (!isSubject(sub))
    throw unauthenticated('The token names no user (sub): it is no access token.')
  return Object.freeze({
    issuer,
    subject: sub,
    email: typeof email === 'string' ? email : undefined,
    name: typeof name === 'string' ? name : undefined,
    issuedAtMs: iat === undefined ? undefined : iat * 1000,
    expiresAtMs: exp * 1000,
  })
}

function isSubject(sub: unknown): sub is string {
  return typeof sub === 'string' && /^[\x21-\x7e]{1,255}$/.test(sub)
}

/** What to answer for a fault of jose. */
export function foreignRefusal(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return expired()
  if (error instanceof errors.JWTClaimValidationFailed) return claimRefusal(error)
  if (error instanceof errors.JWSSignatureVerificationFailed) return wrongSignature(error)
  return error instanceof errors.JOSEError ? malformed() : error
}

const claimDetails: Readonly<Record<string, string>> = {
  iss: 'The token is of an issuer that this server does not know (iss).',
  aud: 'The token is for another audience than this server (aud).',
  nbf: 'The token is not valid yet (nbf).',
}

function claimRefusal(error: errors.JWTClaimValidationFailed): Problem {
  const detail = claimDetails[error.claim] ?? `The token has no good claim "${error.claim}".`
  return new Problem('unauthenticated', detail, { cause: error })
}
