import { beforeEach, describe, expect, test } from 'bun:test'
import { createHmac } from 'node:crypto'
import { type JSONWebKeySet, type JWK, SignJWT } from 'jose'
import { createLog, Problem } from '#kit/core'
import { fakeClock } from '#kit/testing'
import { KeysUnavailable } from './fetch-keys.ts'
import { algorithms, makeKeys } from './fixture/make-keys.ts'
import { createForeignTokens, type ForeignTokens } from './foreign-tokens.ts'

const issuer = 'https://id.example'
const audience = 'shop'
const sharedSecret = 'Vw3Qk9ZrT7vLm2XcB6nHs4JdF8gPy5Ua'
const clock = fakeClock()
const nowSeconds = clock.nowMs() / 1000
const { privateKeys, jwks, publicPem } = await makeKeys()

let published: JSONWebKeySet
let fetched = 0
/** What the next fetch waits for; it rejects where the issuer is down. */
let gate: () => Promise<void> = async () => {}
let tokens: ForeignTokens

const open = (options: { readonly sharedSecret?: string | undefined } = { sharedSecret }) =>
  createForeignTokens({
    issuer: { issuer, jwksUrl: `${issuer}/jwks`, audience },
    sharedSecret: options.sharedSecret,
    nowMs: clock.nowMs,
    log: createLog('silent'),
    remembered: 3,
    fetchKeys: async () => {
      fetched += 1
      await gate()
      return published
    },
  })

beforeEach(() => {
  fetched = 0
  gate = async () => {}
  published = { keys: algorithms.map((alg) => jwks[alg] ?? {}) }
  tokens = open()
})

type Part = Readonly<Record<string, unknown>>
const claims = () => {
  const iat = Math.floor(clock.nowMs() / 1000)
  return { iss: issuer, aud: audience, sub: 'user-1', iat, exp: iat + 900 }
}

/** Signed with the key of this name. */
function sign(name: string, more: Part = {}, header: Part = {}): Promise<string> {
  const alg = name === 'stranger' ? 'EdDSA' : name
  const key = privateKeys[name] ?? new Uint8Array()
  const protectedHeader = { alg, kid: alg, ...header }
  return new SignJWT({ ...claims(), ...more }).setProtectedHeader(protectedHeader).sign(key)
}

const encode = (part: Part) => Buffer.from(JSON.stringify(part)).toString('base64url')

function hmac(key: string, more: Part = {}, header: Part = {}): string {
  const text = `${encode({ alg: 'HS256', ...header })}.${encode({ ...claims(), ...more })}`
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`
}

async function refusal(token: string | Promise<string>): Promise<string> {
  const error = await tokens.verify(await token).catch((fault: unknown) => fault)
  return error instanceof Problem && error.kind.code === 'unauthenticated'
    ? error.detail
    : `not a refusal: ${JSON.stringify(error)}`
}

describe('accepts', () => {
  const expected = { issuer, subject: 'user-1', expiresAtMs: (nowSeconds + 900) * 1000 }
  for (const alg of algorithms)
    test(alg, async () => expect(await tokens.verify(await sign(alg))).toMatchObject(expected))
  test('HS256 under the shared secret', async () =>
    expect(await tokens.verify(hmac(sharedSecret))).toMatchObject(expected))
  test('an audience that is one of several', async () =>
    expect(await tokens.verify(await sign('EdDSA', { aud: ['a', audience] }))).toBeObject())
  test('the type of access tokens, and clocks that differ by a little', async () => {
    const soon = nowSeconds + 20
    const token = await sign('ES256', { iat: soon, nbf: soon }, { typ: 'at+jwt' })
    expect(await tokens.verify(token)).toBeObject()
  })
  test('a key whose algorithm is not said: its kind has but one', async () => {
    const { alg: _, kid: __, ...bare } = jwks['RS256'] ?? {}
    published = { keys: [bare as JWK] }
    expect(await tokens.verify(await sign('RS256', {}, { kid: undefined }))).toBeObject()
  })
  test('e-mail and name where they are texts', async () => {
    const token = await sign('EdDSA', { email: 'ada@example.com', name: 'Ada' })
    expect(await tokens.verify(token)).toMatchObject({ email: 'ada@example.com', name: 'Ada' })
    const odd = await sign('EdDSA', { email: ['x'], name: 7 })
    expect(await tokens.verify(odd)).toMatchObject({ email: undefined, name: undefined })
  })
})

const attacks: Record<string, [() => string | Promise<string>, RegExp]> = {
  'another issuer': [() => sign('EdDSA', { iss: 'https://evil.example' }), /\(iss\)/],
  'no issuer': [() => sign('EdDSA', { iss: undefined }), /\(iss\)/],
  'another audience': [() => sign('EdDSA', { aud: 'bank' }), /\(aud\)/],
  'no audience': [() => hmac(sharedSecret, { aud: undefined }), /\(aud\)/],
  expired: [() => sign('EdDSA', { exp: nowSeconds }), /expired/],
  'expired within the tolerance of clocks': [
    () => sign('EdDSA', { exp: nowSeconds - 1 }),
    /expired/,
  ],
  'without an end': [() => sign('EdDSA', { exp: undefined }), /never expires/],
  'not valid yet': [() => sign('EdDSA', { nbf: nowSeconds + 3600 }), /not valid yet/],
  'issued in the future': [() => sign('EdDSA', { iat: nowSeconds + 3600 }), /in the future/],
  'of no user': [() => sign('EdDSA', { sub: undefined }), /\(sub\)/],
  'of a user that is no text': [() => hmac(sharedSecret, { sub: 7 }), /malformed|\(sub\)/],
  'of a user with a NUL': [() => sign('EdDSA', { sub: 'a\0b' }), /\(sub\)/],
  'of a user too long': [() => sign('EdDSA', { sub: 'a'.repeat(256) }), /\(sub\)/],
  'for another purpose': [() => sign('EdDSA', {}, { typ: 'logout+jwt' }), /\(typ\)/],
  'of a link in an e-mail': [() => hmac(sharedSecret, { updateTo: 'e@example.com' }), /e-mail/],
  'signed by a stranger': [() => sign('stranger'), /signature is wrong/],
  'a stranger’s key id': [() => sign('stranger', {}, { kid: 'other' }), /does not publish/],
  'HS256 under the public key': [() => hmac(publicPem), /signature is wrong/],
  'HS256 under the public key as it is published': [
    () => hmac(JSON.stringify(jwks['EdDSA']), {}, { kid: 'EdDSA' }),
    /signature is wrong/,
  ],
  'HS256 under no key': [() => hmac(''), /signature is wrong/],
  'HS384 under the secret': [() => hmac(sharedSecret, {}, { alg: 'HS384' }), /another algorithm/],
  'RS256 with the key of PS256': [
    () => sign('PS256', {}, { kid: 'RS256' }),
    /another algorithm than HS256, EdDSA, ES256, RS256/,
  ],
  'a key of another kind': [() => sign('ES256', {}, { kid: 'RS256' }), /does not publish/],
  none: [() => `${encode({ alg: 'none' })}.${encode(claims())}.`, /not signed/],
  None: [() => `${encode({ alg: 'nOnE' })}.${encode(claims())}.`, /not signed/],
  jku: [() => sign('EdDSA', {}, { jku: 'https://evil.example/jwks' }), /brings a key/],
  x5u: [() => sign('EdDSA', {}, { x5u: 'https://evil.example/c' }), /brings a key/],
  jwk: [async () => sign('stranger', {}, { jwk: jwks['EdDSA'] }), /brings a key/],
  x5c: [() => sign('EdDSA', {}, { x5c: ['MIIB'] }), /brings a key/],
  'an extension that must be known': [
    () => hmac(sharedSecret, {}, { crit: ['exp'], exp: 1 }),
    /malformed/,
  ],
  'no token': [() => 'a.b', /malformed/],
}

describe('refuses', () => {
  for (const [name, [make, detail]] of Object.entries(attacks))
    test(name, async () => expect(await refusal(make())).toMatch(detail))

  test('each with nothing remembered', async () => {
    for (const [make] of Object.values(attacks)) {
      const token = await make()
      await refusal(token)
      expect(tokens.recall(token)).toBeUndefined()
    }
  })

  test('a public key that is one', () => expect(publicPem).toStartWith('-----BEGIN PUBLIC KEY'))

  test('HS256 where no secret is shared', async () => {
    tokens = open({ sharedSecret: undefined })
    expect(tokens.sharesAlgorithm).toBe(false)
    expect(await refusal(hmac(sharedSecret))).toMatch(/another algorithm/)
  })
})

describe('keys that are not fit', () => {
  const unfit: Record<string, [() => JWK[], RegExp]> = {
    'for encryption': [() => [{ ...jwks['EdDSA'], use: 'enc' }], /does not publish/],
    'for another algorithm': [() => [{ ...jwks['EdDSA'], alg: 'ES256' }], /does not publish/],
    'for signing alone': [() => [{ ...jwks['EdDSA'], key_ops: ['sign'] }], /does not publish/],
    'two of one name': [
      () => [jwks['EdDSA'] ?? {}, { ...jwks['EdDSA'] }] as JWK[],
      /does not say which/,
    ],
    'a secret in public': [
      () => [{ kty: 'oct', kid: 'EdDSA', k: Buffer.from(sharedSecret).toString('base64url') }],
      /does not publish/,
    ],
    'no point of the curve': [() => [{ ...jwks['EdDSA'], x: 'AA' }], /not fit/],
  }
  for (const [name, [keys, detail]] of Object.entries(unfit))
    test(name, async () => {
      published = { keys: keys() }
      expect(await refusal(sign('EdDSA'))).toMatch(detail)
    })
})

describe('the keys of the issuer', () => {
  const minute = 60_000

  test('are fetched once for many, and remembered', async () => {
    const many = await Promise.all(
      Array.from({ length: 20 }, (_, n) => sign('EdDSA', { jti: `${n}` })),
    )
    await Promise.all(many.map((token) => tokens.verify(token)))
    expect(fetched).toBe(1)
    clock.advance(9 * minute)
    await tokens.verify(await sign('EdDSA', { jti: 'later' }))
    expect(fetched).toBe(1)
    clock.advance(minute)
    await tokens.verify(await sign('EdDSA', { jti: 'latest' }))
    expect(fetched).toBe(2)
  })

  test('are asked for again when a key is not known, not more than once in five seconds', async () => {
    const rotated = published
    published = { keys: [jwks['ES256'] ?? {}] as JWK[] }
    await tokens.verify(await sign('ES256'))
    published = rotated
    expect(await refusal(sign('EdDSA'))).toMatch(/does not publish/)
    expect(fetched).toBe(1)
    clock.advance(5000)
    expect(await tokens.verify(await sign('EdDSA'))).toBeObject()
    for (let count = 0; count < 50; count++) await refusal(sign('EdDSA', {}, { kid: `x${count}` }))
    expect(fetched).toBe(2)
  })

  test('that cannot be had let nobody in, and are not asked for at every try', async () => {
    gate = () => Promise.reject(new KeysUnavailable('It answers 503.'))
    for (let count = 0; count < 10; count++)
      expect(await refusal(sign('EdDSA'))).toMatch(/cannot be had.*again/)
    expect(fetched).toBe(1)
    gate = async () => {}
    clock.advance(5000)
    expect(await tokens.verify(await sign('EdDSA'))).toBeObject()
  })

  test('are good for ten minutes and no longer, though none can be had', async () => {
    const token = await sign('EdDSA')
    await tokens.verify(token)
    gate = () => Promise.reject(new KeysUnavailable('It cannot be reached.'))
    clock.advance(10 * minute - 1)
    expect(tokens.recall(token)).toBeObject()
    clock.advance(1)
    expect(tokens.recall(token)).toBeUndefined()
    expect(await refusal(token)).toMatch(/cannot be had/)
    expect(await tokens.verify(hmac(sharedSecret))).toBeObject()
  })

  test('that are waited for are fetched once, whoever waits', async () => {
    const opened = Promise.withResolvers<void>()
    gate = () => opened.promise
    const waiting = [await sign('EdDSA'), await sign('ES256')].map((token) => tokens.verify(token))
    clock.advance(4000)
    const another = tokens.verify(await sign('RS256'))
    opened.resolve()
    expect(await Promise.all([...waiting, another])).toHaveLength(3)
    expect(fetched).toBe(1)
  })

  test('that were withdrawn are good no longer, for tokens that were remembered too', async () => {
    const token = await sign('EdDSA')
    await tokens.verify(token)
    published = { keys: [jwks['ES256'] ?? {}] as JWK[] }
    clock.advance(10 * minute)
    expect(tokens.recall(token)).toBeUndefined()
    expect(await refusal(token)).toMatch(/does not publish/)
  })
})

describe('a verified token', () => {
  test('is remembered until it expires', async () => {
    const token = hmac(sharedSecret, { exp: claims().iat + 60 })
    const verified = await tokens.verify(token)
    expect(tokens.recall(token)).toMatchObject(verified)
    clock.advance(59_999)
    expect(tokens.recall(token)).toBeObject()
    clock.advance(1)
    expect(() => tokens.recall(token)).toThrow(/expired/)
    expect(await refusal(token)).toMatch(/expired/)
  })

  test('is forgotten when others come: there is an end to what is remembered', async () => {
    const four = ['1', '2', '3', '4'].map((jti) => hmac(sharedSecret, { jti }))
    for (const token of four) await tokens.verify(token)
    expect(four.map((token) => tokens.recall(token) !== undefined)).toEqual([
      false,
      true,
      true,
      true,
    ])
  })
})
