import { hkdfSync } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import { Refusal } from './refusal.ts'

/** Of an access token. */
export interface Claims {
  readonly userId: string
  readonly sessionId: string
  readonly expiresAtMs: number
}

const accessSeconds = 86_400
const refreshSeconds = 30 * 86_400
const remembered = 10_000
const header = { alg: 'HS256', typ: 'JWT' }

/** Tokens as Plinth's are: HS256, a key for each kind, verified access tokens remembered. */
export async function createTokens(secret: string) {
  const text = new TextEncoder()
  const accessKey = await importKey(text.encode(secret))
  const derived = hkdfSync('sha256', secret, '', 'plinth refresh token', 32)
  const refreshKey = await importKey(new Uint8Array(derived))
  const known = new Map<string, Claims>()

  const sign = (claims: Record<string, unknown>, seconds: number, key: CryptoKey) => {
    const iat = Math.floor(Date.now() / 1000)
    return new SignJWT({ ...claims, jti: Bun.randomUUIDv7(), iat, exp: iat + seconds })
      .setProtectedHeader(header)
      .sign(key)
  }

  const verify = async (token: string): Promise<Claims> => {
    const { payload } = await verified(token, accessKey)
    const { sub = '', sid, exp = 0 } = payload
    const claims = { userId: sub, sessionId: String(sid), expiresAtMs: exp * 1000 }
    if (known.size >= remembered)
      for (const oldest of known.keys()) {
        known.delete(oldest)
        break
      }
    known.set(token, claims)
    return claims
  }

  return {
    accessSeconds,
    refreshSeconds,
    signAccess: (userId: string, sessionId: string) =>
      sign({ sub: userId, sid: sessionId, user_id: userId }, accessSeconds, accessKey),
    signRefresh: (sessionId: string, generation: number) =>
      sign({ sid: sessionId, generation }, refreshSeconds, refreshKey),
    verifyAccess: (token: string): Claims | Promise<Claims> => {
      const claims = known.get(token)
      if (claims === undefined) return verify(token)
      if (claims.expiresAtMs > Date.now()) return claims
      known.delete(token)
      throw new Refusal(401, 'The token has expired.')
    },
    verifyRefresh: async (token: string) => {
      const { sid, generation } = (await verified(token, refreshKey)).payload
      return { sessionId: String(sid), generation: Number(generation) }
    },
  }
}

export type Tokens = Awaited<ReturnType<typeof createTokens>>

interface Subject {
  readonly userId: string
  readonly sessionId: string
  readonly generation: number
}

export async function signPair(tokens: Tokens, { userId, sessionId, generation }: Subject) {
  const [token, refresh_token] = await Promise.all([
    tokens.signAccess(userId, sessionId),
    tokens.signRefresh(sessionId, generation),
  ])
  return { token, refresh_token, expires_in: tokens.accessSeconds }
}

export function expiryOf({ refreshSeconds }: Tokens): string {
  return new Date(Date.now() + refreshSeconds * 1000).toISOString()
}

async function verified(token: string, key: CryptoKey) {
  try {
    return await jwtVerify(token, key, { algorithms: ['HS256'] })
  } catch {
    throw new Refusal(401, 'The token is not good.')
  }
}

function importKey(secret: Uint8Array) {
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  return crypto.subtle.importKey('raw', Uint8Array.from(secret), hmac, false, ['sign', 'verify'])
}
