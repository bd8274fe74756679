import { createHmac } from 'node:crypto'
import type { TestAccount } from '../accounts.ts'

type Claims = Readonly<Record<string, unknown>>

function toPart(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function fromPart(part: string | undefined): Claims {
  const claims: Claims = JSON.parse(Buffer.from(part ?? '', 'base64url').toString())
  return claims
}

function sign(header: Claims, claims: Claims, secret: string): string {
  const signed = `${toPart(header)}.${toPart(claims)}`
  const hash = header['alg'] === 'HS512' ? 'sha512' : 'sha256'
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`
}

/** `Authorization` headers that nobody must be let in with, made from those of a real account. */
export function forgedHeaders(
  account: TestAccount,
  secret: string,
  nowMs: number,
): Readonly<Record<string, string>> {
  const [headerPart, claimsPart, signature = ''] = account.token.split('.')
  const header = fromPart(headerPart)
  const claims = fromPart(claimsPart)
  const past = { iat: Math.floor(nowMs / 1000) - 7200, exp: Math.floor(nowMs / 1000) - 3600 }
  const { sid: _, ...withoutSession } = claims
  const altered = { ...claims, role: 'admin', sub: '00000000-0000-7000-8000-000000000000' }
  const flipped = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`
  const tokens = {
    'a foreign secret': sign(header, claims, 'another secret that is long enough for it'),
    'alg none': `${toPart({ ...header, alg: 'none' })}.${claimsPart}.`,
    'alg none with a signature': `${toPart({ ...header, alg: 'none' })}.${claimsPart}.${signature}`,
    'another algorithm': sign({ ...header, alg: 'HS512' }, claims, secret),
    'claims altered': `${headerPart}.${toPart(altered)}.${signature}`,
    'a signature altered': `${headerPart}.${claimsPart}.${flipped}`,
    'no signature': `${headerPart}.${claimsPart}.`,
    'an expired token': sign(header, { ...claims, ...past }, secret),
    'no session': sign(header, withoutSession, secret),
    'a user who is not there': sign(header, { ...claims, ...altered }, secret),
    'a refresh token': account.refreshToken,
    'no token at all': 'x',
    'an empty token': '',
  }
  return {
    ...Object.fromEntries(Object.entries(tokens).map(([name, token]) => [name, `Bearer ${token}`])),
    'another scheme': `Basic ${Buffer.from(`${account.username}:${account.password}`).toString('base64')}`,
    'no scheme': account.token,
  }
}
