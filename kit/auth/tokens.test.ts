import { beforeAll, describe, expect, test } from 'bun:test'
import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { createIds } from '#kit/core'
import { fakeClock } from '#kit/testing'
import { createTokens, type TokenOptions } from './tokens.ts'

const secret = 'a secret for tests, long enough to be taken as one'
const clock = fakeClock()
const ids = createIds(clock)
const subject = { userId: ids.uuid(), sessionId: ids.uuid() }

const options: TokenOptions = {
  secret,
  accessTokenMs: 3_600_000,
  refreshTokenMs: 86_400_000,
  nowMs: clock.nowMs,
  makeId: ids.uuid,
}
const tokens = createTokens(options)

type Part = Readonly<Record<string, unknown>>

function toBase64Url(part: Part | string): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')
}

function forge(header: Part, claims: Part, key: string): string {
  const hash = header['alg'] === 'HS512' ? 'sha512' : 'sha256'
  const text = `${toBase64Url(header)}.${toBase64Url(claims)}`
  return `${text}.${createHmac(hash, key).update(text).digest('base64url')}`
}

function payloadOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}

const verifyAccess = async (token: string) => tokens.verifyAccess(token)

async function detailOf(verify: (token: string) => Promise<unknown>, token: string) {
  return verify(token).then(
    () => 'accepted',
    (error: { kind?: { code: string }; detail?: string }) =>
      error.kind?.code === 'unauthenticated' ? error.detail : `not a refusal: ${error}`,
  )
}

let good = ''
let payload: Record<string, unknown> = {}

beforeAll(async () => {
  good = await tokens.signAccess(subject)
  payload = payloadOf(good)
})

test('an access token has the claims that clients read', () => {
  const now = clock.nowMs() / 1000
  expect(payload).toEqual({
    sub: subject.userId,
    user_id: subject.userId,
    sid: subject.sessionId,
    jti: expect.any(String),
    iat: now,
    exp: now + 3600,
  })
  expect(tokens.accessSeconds).toBe(3600)
})

test('it speaks for its user and session, the second time without waiting', async () => {
  const claims = { ...subject, expiresAtMs: clock.nowMs() + 3_600_000 }
  expect(await tokens.verifyAccess(good)).toEqual(claims)
  expect(tokens.verifyAccess(good)).toEqual(claims)
})

test('what another library signs with the secret is accepted', async () => {
  expect(await detailOf(verifyAccess, forge({ alg: 'HS256', typ: 'JWT' }, payload, secret))).toBe(
    'accepted',
  )
})

const malformed = 'The token is malformed: it is no JSON Web Token.'
const unsigned = 'The token is not signed (alg none). Log in to get one that is.'
const otherAlgorithm = 'The token is signed with another algorithm than HS256.'
const wrongSignature = "The token's signature is wrong."
const lacksClaims = 'The token lacks the claims of an access token of this server.'
const hs256 = { alg: 'HS256' }

const attacks: Readonly<Record<string, readonly [() => string, string]>> = {
  'no token at all': [() => '', malformed],
  'one word': [() => 'token', malformed],
  'two parts': [() => good.split('.').slice(0, 2).join('.'), malformed],
  'four parts': [() => `${good}.x`, malformed],
  'signs that are not base64url': [() => good.replace('.', '.+/'), malformed],
  'a header that is not JSON': [() => `${toBase64Url('hello')}.e30.x`, malformed],
  'a header that is a list': [() => `${toBase64Url('[]')}.e30.x`, malformed],
  'a payload that is not JSON': [() => forgeText('hello'), malformed],
  'alg none, unsigned': [
    () => `${toBase64Url({ alg: 'none' })}.${toBase64Url(payload)}.`,
    unsigned,
  ],
  'alg nOnE': [() => `${toBase64Url({ alg: 'nOnE' })}.${toBase64Url(payload)}.`, unsigned],
  'alg none with a right signature': [() => forge({ alg: 'none' }, payload, secret), unsigned],
  'no alg': [() => forge({ typ: 'JWT' }, payload, secret), otherAlgorithm],
  'alg HS512 with the right secret': [
    () => forge({ alg: 'HS512' }, payload, secret),
    otherAlgorithm,
  ],
  'alg RS256': [() => signedWithRsa(), otherAlgorithm],
  'another secret': [
    () => forge(hs256, payload, 'another secret, as long as this one is'),
    wrongSignature,
  ],
  'an empty secret': [() => forge(hs256, payload, ''), wrongSignature],
  'no signature': [() => `${good.split('.').slice(0, 2).join('.')}.`, wrongSignature],
  'another payload under the old signature': [
    () => good.replace(/\.[^.]+\./, `.${toBase64Url({ ...payload, sub: ids.uuid() })}.`),
    wrongSignature,
  ],
  'a critical extension': [
    () => forge({ ...hs256, crit: ['b64'], b64: false }, payload, secret),
    malformed,
  ],
  'no session': [() => forge(hs256, without('sid'), secret), lacksClaims],
  'no user': [() => forge(hs256, without('sub'), secret), lacksClaims],
  'no expiry': [() => forge(hs256, without('exp'), secret), lacksClaims],
  'a user that is no id': [() => forge(hs256, { ...payload, sub: 'admin' }, secret), lacksClaims],
  'an expiry that is text': [() => forge(hs256, { ...payload, exp: '9' }, secret), malformed],
  'not yet valid': [() => forge(hs256, { ...payload, nbf: 9_999_999_999 }, secret), malformed],
  expired: [
    () => forge(hs256, { ...payload, exp: clock.nowMs() / 1000 }, secret),
    'The token has expired. Refresh it, or log in again.',
  ],
}

function without(name: string): Part {
  const { [name]: _, ...rest } = payload
  return rest
}

function forgeText(text: string): string {
  const signed = `${toBase64Url(hs256)}.${toBase64Url(text)}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

function signedWithRsa(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const text = `${toBase64Url({ alg: 'RS256' })}.${toBase64Url(payload)}`
  return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`
}

describe('is refused with a detail of its own', () => {
  for (const [name, [make, detail]] of Object.entries(attacks))
    test(name, async () => expect(await detailOf(verifyAccess, make())).toBe(detail))
})

test('a token that is remembered expires all the same', async () => {
  const own = fakeClock()
  const short = createTokens({ ...options, nowMs: own.nowMs, accessTokenMs: 60_000 })
  const verify = async (token: string) => short.verifyAccess(token)
  const token = await short.signAccess(subject)
  await short.verifyAccess(token)
  own.advance(59_999)
  expect(await detailOf(verify, token)).toBe('accepted')
  own.advance(1)
  for (let times = 0; times < 2; times += 1)
    expect(await detailOf(verify, token)).toContain('has expired')
})

test('only so many are remembered: the oldest is verified anew', async () => {
  const few = createTokens({ ...options, remembered: 2 })
  const made = await Promise.all([1, 2, 3].map(() => few.signAccess(subject)))
  for (const token of made) await few.verifyAccess(token)
  const isRemembered = made.map((token) => !(few.verifyAccess(token) instanceof Promise))
  expect(isRemembered).toEqual([false, true, true])
})

describe('refresh tokens', () => {
  const claims = { sessionId: subject.sessionId, generation: 3 }

  test('say their session and generation', async () => {
    expect(await tokens.verifyRefresh(await tokens.signRefresh(claims))).toEqual(claims)
  })

  test('are no access tokens, nor the other way round', async () => {
    expect(await detailOf(verifyAccess, await tokens.signRefresh(claims))).toBe(wrongSignature)
    expect(await detailOf(tokens.verifyRefresh, good)).toBe(wrongSignature)
  })

  test('cannot be made with the secret itself', async () => {
    const forged = forge(
      hs256,
      { sid: subject.sessionId, generation: 3, exp: 9_999_999_999 },
      secret,
    )
    expect(await detailOf(tokens.verifyRefresh, forged)).toBe(wrongSignature)
  })

  test('expire', async () => {
    const token = await createTokens({ ...options, refreshTokenMs: 0 }).signRefresh(claims)
    expect(await detailOf(tokens.verifyRefresh, token)).toContain('has expired')
  })
})

test('after a rotation the newest signs, all verify, and none is taken for the other kind', async () => {
  const [second, third] = [
    'the second secret of the tests of tokens',
    'the third secret of the tests of tokens',
  ]
  const rotated = createTokens({ ...options, secret: third, oldSecrets: [second, secret] })
  const before = createTokens({ ...options, secret: second })
  const refresh = { sessionId: subject.sessionId, generation: 3 }
  for (const each of [tokens, before, rotated]) {
    expect(await rotated.verifyAccess(await each.signAccess(subject))).toMatchObject(subject)
    const token = await each.signRefresh(refresh)
    expect(await rotated.verifyRefresh(token)).toEqual(refresh)
    expect(await detailOf(async (text) => rotated.verifyAccess(text), token)).toMatch(/signature/)
  }
  const newest = await rotated.signAccess(subject)
  expect(await detailOf(verifyAccess, newest)).toMatch(/signature/)
  const alone = createTokens({ ...options, secret: third })
  expect(await alone.verifyAccess(newest)).toMatchObject(subject)
})

test('an old secret verifies nothing that has expired', async () => {
  const rotated = createTokens({ ...options, secret: `${secret}, rotated`, oldSecrets: [secret] })
  const stale = forge({ alg: 'HS256' }, { ...payload, exp: clock.nowMs() / 1000 - 1 }, secret)
  expect(await detailOf(async (text) => rotated.verifyAccess(text), stale)).toMatch(/expired/)
  const forged = forge(
    { alg: 'HS256' },
    payload,
    'a key that is nobody’s, though it is long enough',
  )
  expect(await detailOf(async (text) => rotated.verifyAccess(text), forged)).toMatch(/signature/)
})
