import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { formatConfigFault } from './config-reader.ts'
import { parseConfig } from './parse-config.ts'

const strong = 'k7Qw2ZrT9vLm4XcB8nHs1JdF6gPy3UaE'

function faultsOf(environment: Record<string, string>): string[] {
  const parsed = parseConfig(environment)
  return parsed.ok ? [] : parsed.errors.map(formatConfigFault)
}

function configOf(environment: Record<string, string>) {
  const parsed = parseConfig(environment)
  if (!parsed.ok) throw new Error(parsed.errors.map(formatConfigFault).join('\n'))
  return parsed.value
}

test('nothing set: a development server', () => {
  expect(configOf({})).toEqual({
    env: 'development',
    database: { dialect: 'sqlite', file: 'data/app.db' },
    host: '0.0.0.0',
    port: 5000,
    secret: undefined,
    accessTokenMs: 24 * 3_600_000,
    refreshTokenMs: 30 * 86_400_000,
    oldSecrets: [],
    betterAuthSecret: undefined,
    issuer: undefined,
    adminUsername: 'admin',
    adminPassword: 'admin2025',
    registration: 'open',
    registrationLimit: 20,
    passwordMinLength: 8,
    corsOrigins: ['http://localhost:3000'],
    storeTimezone: 'America/Los_Angeles',
    uploadsDir: 'data/uploads',
    migrate: 'auto',
    trustProxy: 0,
    logLevel: 'info',
    docs: true,
  })
})

test('production with a secret alone: nothing that is meant for development', () => {
  expect(configOf({ PLINTH_ENV: 'production', JWT_SECRET_KEY: strong })).toMatchObject({
    env: 'production',
    secret: strong,
    adminPassword: undefined,
    corsOrigins: [],
    migrate: 'check',
    docs: false,
  })
})

/** Every variable that is read, whether those before it are set or not. */
function namesOf(): string[] {
  const names = new Set<string>()
  for (const answer of [undefined, 'not what any of them takes'])
    parseConfig(
      new Proxy<Record<string, string>>(
        {},
        {
          get: (_, name) => {
            names.add(String(name))
            return answer
          },
        },
      ),
    )
  return [...names].sort()
}

test('an empty variable is not set', () => {
  const environment = Object.fromEntries(namesOf().map((name) => [name, '']))
  expect(configOf(environment)).toEqual(configOf({}))
})

test('.env.example shows every variable, and changes nothing', async () => {
  const text = await Bun.file(join(import.meta.dir, '../../.env.example')).text()
  const shown = Object.fromEntries(
    text
      .split('\n')
      .filter((line) => /^[A-Z]/.test(line))
      .map((line): [string, string] => [
        line.split('=', 1)[0] ?? '',
        line.slice(line.indexOf('=') + 1),
      ]),
  )
  // The names that stand for others are told in its comments.
  const second = [
    ...['FLASK_ENV', 'FLASK_RUN_PORT', 'NODE_ENV', 'SECRET_KEY', 'SECRET_KEY_FALLBACKS'],
    ...['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
  ]
  expect([...Object.keys(shown), ...second].sort()).toEqual(namesOf())
  for (const name of second) expect(text).toContain(name)
  expect(configOf(shown)).toEqual(configOf({}))
})

const read: Record<string, [Record<string, string>, Record<string, unknown>]> = {
  'PLINTH_ENV before NODE_ENV': [{ PLINTH_ENV: 'test', NODE_ENV: 'production' }, { env: 'test' }],
  'NODE_ENV before FLASK_ENV': [{ NODE_ENV: 'test', FLASK_ENV: 'production' }, { env: 'test' }],
  FLASK_ENV: [{ FLASK_ENV: 'development' }, { env: 'development' }],
  'PORT before FLASK_RUN_PORT': [{ PORT: '8080', FLASK_RUN_PORT: '5055' }, { port: 8080 }],
  FLASK_RUN_PORT: [{ PORT: '', FLASK_RUN_PORT: '5055' }, { port: 5055 }],
  HOST: [{ HOST: '::1' }, { host: '::1' }],
  'JWT_SECRET_KEY before SECRET_KEY': [
    { JWT_SECRET_KEY: strong, SECRET_KEY: 'short' },
    { secret: strong },
  ],
  SECRET_KEY: [{ SECRET_KEY: strong }, { secret: strong }],
  'a long default is good enough for development': [
    { SECRET_KEY: 'your-secret-key-here-padded-to-32-characters' },
    { secret: 'your-secret-key-here-padded-to-32-characters' },
  ],
  lifetimes: [
    { JWT_ACCESS_TOKEN_EXPIRES: '900', JWT_REFRESH_TOKEN_EXPIRES: '7d' },
    { accessTokenMs: 900_000, refreshTokenMs: 604_800_000 },
  ],
  BETTER_AUTH_SECRET: [{ BETTER_AUTH_SECRET: strong }, { betterAuthSecret: strong }],
  ADMIN_USERNAME: [{ ADMIN_USERNAME: 'ada.l' }, { adminUsername: 'ada.l' }],
  'ADMIN_PASSWORD keeps its spaces': [
    { ADMIN_PASSWORD: ' battery staple ' },
    { adminPassword: ' battery staple ' },
  ],
  'the default admin password is exempt from the length': [
    { ADMIN_PASSWORD: 'admin2025', PASSWORD_MIN_LENGTH: '12' },
    { adminPassword: 'admin2025' },
  ],
  REGISTRATION: [{ REGISTRATION: 'invite' }, { registration: 'invite' }],
  REGISTRATION_LIMIT: [{ REGISTRATION_LIMIT: '5' }, { registrationLimit: 5 }],
  PASSWORD_MIN_LENGTH: [{ PASSWORD_MIN_LENGTH: '12' }, { passwordMinLength: 12 }],
  CORS_ORIGINS: [
    { CORS_ORIGINS: 'https://a.example, http://localhost:5173/,https://a.example,' },
    { corsOrigins: ['https://a.example', 'http://localhost:5173'] },
  ],
  STORE_TIMEZONE: [{ STORE_TIMEZONE: 'Europe/Berlin' }, { storeTimezone: 'Europe/Berlin' }],
  UPLOADS_DIR: [{ UPLOADS_DIR: '/srv/up' }, { uploadsDir: '/srv/up' }],
  FILES: [
    {
      FILES: 's3://cups/pictures/?endpoint=http://127.0.0.1:9000',
      S3_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'key',
    },
    {
      bucket: {
        bucket: 'cups',
        prefix: 'pictures',
        region: 'us-east-1',
        endpoint: 'http://127.0.0.1:9000',
        accessKeyId: 'id',
        secretAccessKey: 'key',
      },
    },
  ],
  MIGRATE: [{ MIGRATE: 'check' }, { migrate: 'check' }],
  TRUST_PROXY: [{ TRUST_PROXY: '2' }, { trustProxy: 2 }],
  'LOG_LEVEL in capitals': [{ LOG_LEVEL: 'DEBUG' }, { logLevel: 'debug' }],
  DOCS: [{ PLINTH_ENV: 'production', SECRET_KEY: strong, DOCS: 'on' }, { docs: true }],
  'the pool': [
    { DATABASE_URL: 'postgresql://u:p@h/n', DATABASE_POOL_MIN: '2', DATABASE_POOL_MAX: '20' },
    {
      database: {
        dialect: 'postgres',
        url: 'postgres://u:p@h/n',
        tls: 'prefer',
        poolMin: 2,
        poolMax: 20,
      },
    },
  ],
}

describe('reads', () => {
  for (const [name, [environment, expected]] of Object.entries(read))
    test(name, () => expect(configOf(environment)).toMatchObject(expected))
})

const production = { PLINTH_ENV: 'production', JWT_SECRET_KEY: strong }
const refused: Record<string, [Record<string, string>, RegExp]> = {
  'an environment of another name': [
    { NODE_ENV: 'staging' },
    /^NODE_ENV: .*development, test, prod/,
  ],
  'another database': [{ DATABASE_URL: 'mysql://h/n' }, /^DATABASE_URL: .*mysql.*sqlite:\/\/\//],
  'a pool of no number': [{ DATABASE_POOL_MIN: '-1' }, /^DATABASE_POOL_MIN: .*from 0 to 1000/],
  'an empty pool': [{ DATABASE_POOL_MAX: '0' }, /^DATABASE_POOL_MAX: .*from 1 to 1000/],
  'a pool upside down': [
    { DATABASE_POOL_MIN: '5', DATABASE_POOL_MAX: '2' },
    /^DATABASE_POOL_MIN: .*DATABASE_POOL_MAX/,
  ],
  'a port too high': [{ PORT: '65536' }, /^PORT: .*from 0 to 65535/],
  'a port that is none': [{ FLASK_RUN_PORT: '5e3' }, /^FLASK_RUN_PORT: "5e3"/],
  'a URL as the host': [{ HOST: 'http://localhost' }, /^HOST: .*127\.0\.0\.1/],
  'a short secret in development': [
    { JWT_SECRET_KEY: 'hunter2' },
    /^JWT_SECRET_KEY: .*32 char.*openssl/,
  ],
  'a short secret': [
    { PLINTH_ENV: 'production', SECRET_KEY: 'hunter2!Ab' },
    /^SECRET_KEY: .*32 characters/,
  ],
  'no secret in production': [
    { PLINTH_ENV: 'production' },
    /^JWT_SECRET_KEY: It is not set.*openssl/,
  ],
  'a default secret in production': [
    { ...production, JWT_SECRET_KEY: 'your-secret-key-here-your-secret-key' },
    /^JWT_SECRET_KEY: It is a well-known default/,
  ],
  'a secret of one character in production': [
    { ...production, JWT_SECRET_KEY: 'x'.repeat(40) },
    /^JWT_SECRET_KEY: It is made of too few/,
  ],
  'a default secret of Better Auth in production': [
    {
      ...production,
      AUTH_AUDIENCE: 'a',
      BETTER_AUTH_SECRET: 'better-auth-secret-123456789012345',
    },
    /^BETTER_AUTH_SECRET: .*well-known/,
  ],
  'an access token of no length': [
    { JWT_ACCESS_TOKEN_EXPIRES: '0' },
    /^JWT_ACCESS_TOKEN_EXPIRES: .*15m/,
  ],
  'a lifetime in weeks': [
    { JWT_REFRESH_TOKEN_EXPIRES: '2w' },
    /^JWT_REFRESH_TOKEN_EXPIRES: "2w".*30d/,
  ],
  'a refresh token shorter than its access token': [
    { JWT_ACCESS_TOKEN_EXPIRES: '7d', JWT_REFRESH_TOKEN_EXPIRES: '1h' },
    /^JWT_REFRESH_TOKEN_EXPIRES: .*longer/,
  ],
  'an admin of two letters': [{ ADMIN_USERNAME: 'ad' }, /^ADMIN_USERNAME: .*3 to 80/],
  'the development password in production': [
    { ...production, ADMIN_PASSWORD: 'admin2025' },
    /^ADMIN_PASSWORD: .*development.*printed once/,
  ],
  'a short admin password': [{ ADMIN_PASSWORD: 'hunter2' }, /^ADMIN_PASSWORD: .*8 characters/],
  'a long admin password': [{ ADMIN_PASSWORD: 'ü'.repeat(37) }, /^ADMIN_PASSWORD: .*72 bytes/],
  'an unknown registration': [{ REGISTRATION: 'yes' }, /^REGISTRATION: .*open, invite, closed/],
  'no registrations': [{ REGISTRATION_LIMIT: '0' }, /^REGISTRATION_LIMIT: .*from 1 to/],
  'a password of five': [{ PASSWORD_MIN_LENGTH: '5' }, /^PASSWORD_MIN_LENGTH: .*from 6 to 72/],
  'every origin': [{ CORS_ORIGINS: '*' }, /^CORS_ORIGINS: "\*".*credentials/],
  'origins by pattern': [{ CORS_ORIGINS: 'https://*.example.com' }, /^CORS_ORIGINS: /],
  'the origin null': [{ CORS_ORIGINS: 'null' }, /^CORS_ORIGINS: "null"/],
  'an origin with a path': [{ CORS_ORIGINS: 'https://a.example/app' }, /^CORS_ORIGINS: /],
  'a time zone that is none': [{ STORE_TIMEZONE: 'Mars/Olympus' }, /^STORE_TIMEZONE: "Mars.*IANA/],
  'an unknown way to migrate': [{ MIGRATE: 'never' }, /^MIGRATE: .*auto, check/],
  'proxies that are no number': [{ TRUST_PROXY: 'true' }, /^TRUST_PROXY: "true"/],
  'an unknown level': [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL: .*info/],
  'documents that are neither on nor off': [{ DOCS: 'maybe' }, /^DOCS: .*on or off/],
}

describe('refuses, naming variable, fault and repair and no secret', () => {
  for (const [name, [environment, message]] of Object.entries(refused))
    test(name, () => {
      const faults = faultsOf(environment)
      expect(faults).toHaveLength(1)
      expect(faults[0]).toMatch(message)
      expect(faults[0]).not.toContain('hunter2')
    })
})

test('all faults come at once, each with its own variable', () => {
  const faults = faultsOf({
    PLINTH_ENV: 'production',
    DATABASE_URL: 'oracle://h',
    PORT: 'http',
    ADMIN_PASSWORD: 'admin2025',
    CORS_ORIGINS: '*',
  })
  expect(faults.map((fault) => fault.split(':')[0]).sort()).toEqual([
    'ADMIN_PASSWORD',
    'CORS_ORIGINS',
    'DATABASE_URL',
    'JWT_SECRET_KEY',
    'PORT',
  ])
})
