import {
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  jwtVerify,
  type ProtectedHeaderParameters,
  SignJWT,
} from 'jose'
import { Problem } from '#kit/core'
import { unauthenticated } from './claims.ts'

const algorithm = 'HS256'

/** Tokens of one kind, signed with one key. */
export interface SignedTokens {
  sign(claims: JWTPayload): Promise<string>
  /** The claims. Throws `unauthenticated`, with a detail of its own for each reason. */
  verify(token: string, nowMs: number): Promise<JWTPayload>
}

/**
 * Signs with the first of these keys and verifies with all, always HS256: RFC 8725, 3.1, wants one algorithm of a key.
 */
export function createSignedTokens(secrets: readonly [Uint8Array, ...Uint8Array[]]): SignedTokens {
  const [newest, ...older] = secrets
  const key = Promise.resolve().then(() => importKey(newest))
  const olderKeys = Promise.resolve().then(() => Promise.all(older.map(importKey)))
  const verifyWithOlder = async (token: string, nowMs: number, error: unknown) => {
    if (isWrongSignature(error))
      for (const each of await olderKeys) {
        const payload = await verifyWith(each, token, nowMs).catch(unlessWrongSignature)
        if (payload) return payload
      }
    throw error
  }
  return Object.freeze({
    sign: async (claims: JWTPayload) =>
      new SignJWT(claims).setProtectedHeader({ alg: algorithm, typ: 'JWT' }).sign(await key),
    verify: async (token: string, nowMs: number) => {
      assertAlgorithm(token)
      const payload = verifyWith(await key, token, nowMs)
      return older.length === 0
        ? payload
        : payload.catch((error: unknown) => verifyWithOlder(token, nowMs, error))
    },
  })
}

async function verifyWith(key: CryptoKey, token: string, nowMs: number): Promise<JWTPayload> {
  try {
    const currentDate = new Date(nowMs)
    return (await jwtVerify(token, key, { algorithms: [algorithm], currentDate })).payload
  } catch (error) {
    throw refusalOf(error)
  }
}

/** Whether a token was refused since no key of ours has signed it. */
export function isWrongSignature(error: unknown): boolean {
  return error instanceof Problem && error.cause instanceof errors.JWSSignatureVerificationFailed
}

function unlessWrongSignature(error: unknown): undefined {
  if (!isWrongSignature(error)) throw error
}

export function importKey(secret: Uint8Array): Promise<CryptoKey> {
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  return crypto.subtle.importKey('raw', Uint8Array.from(secret), hmac, false, ['sign', 'verify'])
}

/** Looked at by itself, since jose tells an unsigned token and one of another algorithm not apart. */
function assertAlgorithm(token: string): void {
  const { alg } = headerOf(token)
  if (isUnsigned(alg)) throw unsigned()
  if (alg !== algorithm)
    throw unauthenticated(`The token is signed with another algorithm than ${algorithm}.`)
}

export function isUnsigned(alg: unknown): boolean {
  return typeof alg === 'string' && alg.toLowerCase() === 'none'
}

export function unsigned(): Problem {
  return unauthenticated('The token is not signed (alg none). Log in to get one that is.')
}

/** What a token says of itself, verified by nobody. Throws `unauthenticated` for what is no token. */
export function headerOf(token: string): ProtectedHeaderParameters {
  if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)) throw malformed()
  try {
    return decodeProtectedHeader(token)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw malformed()
  }
}

function refusalOf(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return expired()
  if (error instanceof errors.JWSSignatureVerificationFailed) return wrongSignature(error)
  if (error instanceof errors.JOSEError) return malformed()
  return error
}

export function wrongSignature(cause: unknown): Problem {
  return new Problem('unauthenticated', "The token's signature is wrong.", { cause })
}

export function malformed(): Problem {
  return unauthenticated('The token is malformed: it is no JSON Web Token.')
}

export function expired(): Problem {
  return unauthenticated('The token has expired. Refresh it, or log in again.')
}
