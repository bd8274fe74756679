import { describe, expect, test } from 'bun:test'
import { formatConfigFault } from './config-reader.ts'
import { parseConfig } from './parse-config.ts'
import { toSecretList } from './signing-secrets.ts'

const strong = 'k7Qw2ZrT9vLm4XcB8nHs1JdF6gPy3UaE'
const older = 'Xr6Nw1TbK9pQe4ZsVh7Mc3LfYd8Ja2Gu'
const oldest = 'Bn5Rk8WqJt2Cx7HvPe1Zm4LsFd9Ya6Gu'

function faultsOf(environment: Record<string, string>): string[] {
  const parsed = parseConfig(environment)
  return parsed.ok ? [] : parsed.errors.map(formatConfigFault)
}

const read: Record<string, [Record<string, string>, Record<string, unknown>]> = {
  'old secrets by commas': [
    { JWT_SECRET_KEY: strong, JWT_SECRET_KEY_FALLBACKS: `${older}, ${oldest}` },
    { secret: strong, oldSecrets: [older, oldest] },
  ],
  'an old secret that holds a comma': [
    { SECRET_KEY: strong, SECRET_KEY_FALLBACKS: JSON.stringify([`${older},x`, oldest]) },
    { oldSecrets: [`${older},x`, oldest] },
  ],
  'a shared secret with an issuer and an audience': [
    { BETTER_AUTH_SECRET: strong, AUTH_ISSUER: 'i', AUTH_AUDIENCE: 'a' },
    { betterAuthSecret: strong, issuer: { issuer: 'i', jwksUrl: undefined, audience: 'a' } },
  ],
  'a shared secret alone': [
    { BETTER_AUTH_SECRET: strong },
    { issuer: { issuer: undefined, jwksUrl: undefined, audience: undefined } },
  ],
  'an issuer in production': [
    {
      PLINTH_ENV: 'production',
      JWT_SECRET_KEY: strong,
      AUTH_ISSUER: 'https://id.example',
      AUTH_JWKS_URL: 'https://10.0.0.7/jwks',
      AUTH_AUDIENCE: 'shop',
    },
    { issuer: { jwksUrl: 'https://10.0.0.7/jwks', audience: 'shop' } },
  ],
  'an issuer is its own audience': [
    { AUTH_ISSUER: 'https://id.example', AUTH_JWKS_URL: 'https://id.example/jwks' },
    {
      issuer: {
        issuer: 'https://id.example',
        jwksUrl: 'https://id.example/jwks',
        audience: 'https://id.example',
      },
    },
  ],
  AUTH_AUDIENCE: [
    { AUTH_ISSUER: 'i', AUTH_JWKS_URL: 'http://auth:3000/jwks', AUTH_AUDIENCE: 'shop' },
    { issuer: { issuer: 'i', jwksUrl: 'http://auth:3000/jwks', audience: 'shop' } },
  ],
}

describe('reads', () => {
  for (const [name, [environment, expected]] of Object.entries(read))
    test(name, () => expect(parseConfig(environment)).toMatchObject({ ok: true, value: expected }))
})

const production = { PLINTH_ENV: 'production', JWT_SECRET_KEY: strong }
const refused: Record<string, [Record<string, string>, RegExp]> = {
  'an issuer without keys': [
    { AUTH_ISSUER: 'https://id.example' },
    /^AUTH_JWKS_URL: It is not set/,
  ],
  'keys without an issuer': [
    { AUTH_JWKS_URL: 'https://id.example' },
    /^AUTH_ISSUER: It is not set/,
  ],
  'keys that are no address': [
    { AUTH_ISSUER: 'i', AUTH_JWKS_URL: 'jwks.json' },
    /^AUTH_JWKS_URL: "jwks.json"/,
  ],
  'keys over http in production': [
    {
      ...production,
      AUTH_ISSUER: 'i',
      AUTH_AUDIENCE: 'a',
      AUTH_JWKS_URL: 'http://id.example/jwks',
    },
    /^AUTH_JWKS_URL: .*no https/,
  ],
  'keys of a link-local address': [
    { AUTH_ISSUER: 'i', AUTH_JWKS_URL: 'http://169.254.169.254/latest/jwks' },
    /^AUTH_JWKS_URL: .*link-local/,
  ],
  'keys of a link-local address of IPv6': [
    { AUTH_ISSUER: 'i', AUTH_JWKS_URL: 'https://[fe80::1]/jwks' },
    /^AUTH_JWKS_URL: .*link-local/,
  ],
  'keys behind a password': [
    { AUTH_ISSUER: 'i', AUTH_JWKS_URL: 'https://me:hunter2@id.example/jwks' },
    /^AUTH_JWKS_URL: .*password/,
  ],
  'an issuer without an audience in production': [
    { ...production, AUTH_ISSUER: 'i', AUTH_JWKS_URL: 'https://id.example/jwks' },
    /^AUTH_AUDIENCE: .*production/,
  ],
  'a shared secret without an audience in production': [
    { ...production, BETTER_AUTH_SECRET: older },
    /^AUTH_AUDIENCE: .*production/,
  ],
  'keys beside a shared secret, of no issuer': [
    { BETTER_AUTH_SECRET: older, AUTH_JWKS_URL: 'https://id.example/jwks' },
    /^AUTH_ISSUER: It is not set/,
  ],
  'one secret for two issuers': [
    { JWT_SECRET_KEY: strong, BETTER_AUTH_SECRET: strong },
    /^BETTER_AUTH_SECRET: It is the same secret as JWT_SECRET_KEY/,
  ],
  'an old secret of the other issuer': [
    { JWT_SECRET_KEY: strong, JWT_SECRET_KEY_FALLBACKS: older, BETTER_AUTH_SECRET: older },
    /^BETTER_AUTH_SECRET: It is the same secret as JWT_SECRET_KEY_FALLBACKS/,
  ],
  'an old secret that still signs': [
    { JWT_SECRET_KEY: strong, JWT_SECRET_KEY_FALLBACKS: strong },
    /^JWT_SECRET_KEY_FALLBACKS: It is the same secret as JWT_SECRET_KEY/,
  ],
  'an old secret twice': [
    { JWT_SECRET_KEY: strong, JWT_SECRET_KEY_FALLBACKS: `${older},${older}` },
    /^JWT_SECRET_KEY_FALLBACKS: .*twice/,
  ],
  'a short old secret': [
    { JWT_SECRET_KEY: strong, JWT_SECRET_KEY_FALLBACKS: 'hunter2' },
    /^JWT_SECRET_KEY_FALLBACKS: .*32 characters/,
  ],
  'a well-known old secret in production': [
    { ...production, JWT_SECRET_KEY_FALLBACKS: 'your-secret-key-here-your-secret-key' },
    /^JWT_SECRET_KEY_FALLBACKS: It is a well-known default/,
  ],
  'old secrets without a new one': [
    { JWT_SECRET_KEY_FALLBACKS: older },
    /^JWT_SECRET_KEY_FALLBACKS: There is no newer/,
  ],
  'more old secrets than are looked at': [
    {
      JWT_SECRET_KEY: strong,
      JWT_SECRET_KEY_FALLBACKS: Array.from({ length: 11 }, (_, i) => `${older}${i}`).join(','),
    },
    /^JWT_SECRET_KEY_FALLBACKS: It holds more than 10/,
  ],
  'a list of something else': [
    { JWT_SECRET_KEY: strong, JWT_SECRET_KEY_FALLBACKS: '["hunter2", 7]' },
    /^JWT_SECRET_KEY_FALLBACKS: It is no list/,
  ],
}

describe('refuses, naming variable, fault and repair and no secret', () => {
  for (const [name, [environment, message]] of Object.entries(refused))
    test(name, () => {
      const faults = faultsOf(environment)
      expect(faults).toHaveLength(1)
      expect(faults[0]).toMatch(message)
      expect(faults[0]).not.toMatch(/hunter2|k7Qw2|Xr6Nw1/)
    })
})

test('a list of secrets is read as it was written', () => {
  for (const list of [[older], [older, oldest], [`${older},x`, oldest]])
    expect(
      parseConfig({ JWT_SECRET_KEY: strong, JWT_SECRET_KEY_FALLBACKS: toSecretList(list) }),
    ).toMatchObject({ value: { oldSecrets: list } })
})
