import type { Config, DatabaseConfig, ParsedConfig } from './config.ts'
import {
  type ConfigFault,
  type ConfigReader,
  createConfigReader,
  type Environment,
} from './config-reader.ts'
import {
  anyText,
  duration,
  host,
  integerIn,
  oneOf,
  onOrOff,
  origins,
  retention,
  timeZone,
  username,
} from './config-values.ts'
import { readDatabaseUrl } from './database-url.ts'
import { readIssuer } from './issuer-config.ts'
import { readBucket } from './read-bucket.ts'
import { readSecrets } from './signing-secrets.ts'

/** The password of the first admin where none is set, in development alone. */
export const developmentAdminPassword = 'admin2025'

type Env = Config['env']

/**
 * Reads the whole configuration: the defaults for what is not set, and all faults at once. Pure: the
 * secret of a development server is made by `ensureSecret`.
 */
export function parseConfig(
  environment: Environment,
):
  | { readonly ok: true; readonly value: ParsedConfig }
  | { readonly ok: false; readonly errors: readonly ConfigFault[] } {
  const reader = createConfigReader(environment)
  const value = readConfig(reader)
  return reader.faults.length > 0
    ? { ok: false, errors: reader.faults }
    : { ok: true, value: Object.freeze(value) }
}

function readConfig(reader: ConfigReader): ParsedConfig {
  const { read } = reader
  const env = read(
    ['PLINTH_ENV', 'NODE_ENV', 'FLASK_ENV'],
    oneOf(['development', 'test', 'production']),
    'development',
  )
  const isProduction = env === 'production'
  const passwordMinLength = read(['PASSWORD_MIN_LENGTH'], integerIn(6, 72), 8)
  return {
    env,
    database: readDatabase(reader),
    host: read(['HOST'], host, '0.0.0.0'),
    port: read(['PORT', 'FLASK_RUN_PORT'], integerIn(0, 65_535), 5000),
    ...readSecrets(reader, env),
    ...readLifetimes(reader),
    issuer: readIssuer(reader, env),
    adminUsername: read(['ADMIN_USERNAME'], username, 'admin'),
    adminPassword: readAdminPassword(reader, env, passwordMinLength),
    registration: read(['REGISTRATION'], oneOf(['open', 'invite', 'closed']), 'open'),
    registrationLimit: read(['REGISTRATION_LIMIT'], integerIn(1, 1_000_000), 20),
    passwordMinLength,
    corsOrigins: read(['CORS_ORIGINS'], origins, isProduction ? [] : ['http://localhost:3000']),
    storeTimezone: read(['STORE_TIMEZONE'], timeZone, 'America/Los_Angeles'),
    uploadsDir: read(['UPLOADS_DIR'], anyText, 'data/uploads'),
    bucket: readBucket(reader),
    migrate: read(['MIGRATE'], oneOf(['auto', 'check']), isProduction ? 'check' : 'auto'),
    trustProxy: read(['TRUST_PROXY'], integerIn(0, 100), 0),
    logLevel: read(
      ['LOG_LEVEL'],
      oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
      'info',
    ),
    docs: read(['DOCS'], onOrOff, !isProduction),
    auditRetentionMs: read(['AUDIT_RETENTION'], retention, undefined),
  }
}

function readDatabase({ read, fault }: ConfigReader): DatabaseConfig {
  const address = read(['DATABASE_URL'], readDatabaseUrl, {
    dialect: 'sqlite' as const,
    file: 'data/app.db',
  })
  const poolMin = read(['DATABASE_POOL_MIN'], integerIn(0, 1000), 1)
  const poolMax = read(['DATABASE_POOL_MAX'], integerIn(1, 1000), Math.max(10, poolMin))
  if (poolMin > poolMax)
    fault('DATABASE_POOL_MIN', `It is above DATABASE_POOL_MAX (${poolMax}).`, 'Set it no higher.')
  return address.dialect === 'sqlite' ? address : { ...address, poolMin, poolMax }
}

function readLifetimes({ read, fault }: ConfigReader) {
  const accessTokenMs = read(['JWT_ACCESS_TOKEN_EXPIRES'], duration, 86_400_000)
  const refreshTokenMs = read(['JWT_REFRESH_TOKEN_EXPIRES'], duration, 30 * 86_400_000)
  if (refreshTokenMs < accessTokenMs)
    fault(
      'JWT_REFRESH_TOKEN_EXPIRES',
      'A refresh token would expire before its access token (JWT_ACCESS_TOKEN_EXPIRES).',
      'Set the longer of the two here.',
    )
  return { accessTokenMs, refreshTokenMs }
}

/** Taken as it is, spaces and all: a password is never trimmed. */
function readAdminPassword(reader: ConfigReader, env: Env, minLength: number): string | undefined {
  const name = 'ADMIN_PASSWORD'
  const password = reader.raw(name)
  if (password === undefined) return env === 'production' ? undefined : developmentAdminPassword
  const repair =
    env === 'production'
      ? 'Set another, or none: then one is made and printed once.'
      : 'Set another, or none for the default of development.'
  const refuse = (problem: string) => reader.fault(name, problem, repair)
  if (password === developmentAdminPassword) {
    if (env === 'production') refuse("It is the development server's default.")
    return password
  }
  if ([...password].length < minLength) refuse(`It is shorter than ${minLength} characters.`)
  if (Buffer.byteLength(password) > 72) refuse('It is longer than 72 bytes.')
  return password
}
