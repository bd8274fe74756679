import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import { unauthenticated } from './claims.ts'

const algorithm = 'HS256'

/** Tokens of one kind, signed with one key. */
export interface SignedTokens {
  sign(claims: JWTPayload): Promise<string>
  /** The claims. Throws `unauthenticated`, with a detail of its own for each reason. */
  verify(token: string, nowMs: number): Promise<JWTPayload>
}

/** Signs and verifies with HS256 and this key alone (RFC 8725, 3.1: one key, one algorithm). */
export function createSignedTokens(secret: Uint8Array): SignedTokens {
  const key = Promise.resolve().then(() => importKey(secret))
  return Object.freeze({
    sign: async (claims: JWTPayload) =>
      new SignJWT(claims).setProtectedHeader({ alg: algorithm, typ: 'JWT' }).sign(await key),
    verify: async (token: string, nowMs: number) => {
      assertAlgorithm(token)
      try {
        const currentDate = new Date(nowMs)
        return (await jwtVerify(token, await key, { algorithms: [algorithm], currentDate })).payload
      } catch (error) {
        throw refusalOf(error)
      }
    },
  })
}

function importKey(secret: Uint8Array) {
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  return crypto.subtle.importKey('raw', Uint8Array.from(secret), hmac, false, ['sign', 'verify'])
}

/** Looked at by itself, since jose tells an unsigned token and one of another algorithm not apart. */
function assertAlgorithm(token: string): void {
  const alg = algorithmOf(token)
  if (typeof alg === 'string' && alg.toLowerCase() === 'none')
    throw unauthenticated('The token is not signed (alg none). Log in to get one that is.')
  if (alg !== algorithm)
    throw unauthenticated(`The token is signed with another algorithm than ${algorithm}.`)
}

function algorithmOf(token: string): unknown {
  if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)) throw malformed()
  try {
    return decodeProtectedHeader(token).alg
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw malformed()
  }
}

function refusalOf(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return expired()
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return unauthenticated("The token's signature is wrong.")
  if (error instanceof errors.JOSEError) return malformed()
  return error
}

function malformed() {
  return unauthenticated('The token is malformed: it is no JSON Web Token.')
}

export function expired() {
  return unauthenticated('The token has expired. Refresh it, or log in again.')
}
