import { describe, expect, test } from 'bun:test'
import { databasePlace } from './database-place.ts'
import { type DatabaseAddress, readDatabaseUrl } from './database-url.ts'

const sqlite = (file: string): DatabaseAddress => ({ dialect: 'sqlite', file })
const postgres = (url: string, tls: 'off' | 'prefer' | 'require' | 'verify-full' = 'prefer') =>
  ({ dialect: 'postgres', url, tls }) as const

const accepted: Record<string, DatabaseAddress> = {
  'sqlite:///data/app.db': sqlite('data/app.db'),
  'sqlite:///app.db': sqlite('app.db'),
  'sqlite:////tmp/x/app.db': sqlite('/tmp/x/app.db'),
  'sqlite:////tmp/with%20space/ü.db': sqlite('/tmp/with space/ü.db'),
  'SQLite:///Data/App.db': sqlite('Data/App.db'),
  'sqlite+aiosqlite:///app.db': sqlite('app.db'),
  'postgres://u:p@h:5433/n': postgres('postgres://u:p@h:5433/n'),
  'postgresql://u:p@h/n': postgres('postgres://u:p@h/n'),
  'postgresql://h/n': postgres('postgres://h/n'),
  'postgresql://u:p@[::1]:5432/n': postgres('postgres://u:p@[::1]:5432/n'),
  'postgresql+asyncpg://u:p@h/n?ssl=require': postgres('postgres://u:p@h/n', 'require'),
  'postgresql+asyncpg://u:p@h/n?ssl=true': postgres('postgres://u:p@h/n', 'require'),
  'postgresql+psycopg2://u:p@h/n?sslmode=disable': postgres('postgres://u:p@h/n', 'off'),
  'postgresql+psycopg://u:p@h/n?sslmode=verify-full': postgres('postgres://u:p@h/n', 'verify-full'),
  'postgresql://u:p@h/n?sslmode=verify-ca': postgres('postgres://u:p@h/n', 'verify-full'),
  'postgresql://u:p@h/n?sslmode=require&channel_binding=require': postgres(
    'postgres://u:p@h/n',
    'require',
  ),
  'postgresql://u:p@h/n?application_name=shop&sslmode=require': postgres(
    'postgres://u:p@h/n?application_name=shop',
    'require',
  ),
  'postgresql://u:p@ep-x-pooler.eu.aws.neon.tech/n?sslmode=require': {
    ...postgres('postgres://u:p@ep-x-pooler.eu.aws.neon.tech/n', 'require'),
    isPooled: true,
  },
  'postgresql://u:p@h/n?pgbouncer=true': { ...postgres('postgres://u:p@h/n'), isPooled: true },
  'postgresql://u:p@x-pooler.h/n?pgbouncer=false': postgres('postgres://u:p@x-pooler.h/n'),
  'postgresql+asyncpg://u:p@h/n?prepared_statement_cache_size=0': {
    ...postgres('postgres://u:p@h/n'),
    isPooled: true,
  },
  'postgresql://u:p@h/n?connect_timeout=3&statement_timeout=500': {
    ...postgres('postgres://u:p@h/n'),
    connectTimeoutMs: 3000,
    statementTimeoutMs: 500,
  },
  'postgresql://u:p@h/n?connect_timeout=0': postgres('postgres://u:p@h/n'),
  'postgresql://u:p@h/n?sslmode=verify-full&sslrootcert=/etc/ca.pem': {
    ...postgres('postgres://u:p@h/n', 'verify-full'),
    tlsCaFile: '/etc/ca.pem',
  },
  'postgresql://a%40b:p%2Fq%23r@h/n': postgres('postgres://a%40b:p%2Fq%23r@h/n'),
}

const refused: Record<string, RegExp> = {
  'data/app.db': /no scheme/,
  'sqlite:app.db': /no scheme/,
  'mysql://u:hunter2@h/n': /mysql:\/\/ is not known.*sqlite:\/\/\/relative.*postgresql:\/\//,
  'constructor://u:hunter2@h/n': /constructor:\/\/ is not known/,
  'sqlite://app.db': /third slash/,
  'sqlite://': /memory is lost/,
  'sqlite://:memory:': /memory is lost/,
  'sqlite:///:memory:': /memory is lost/,
  'sqlite:///': /names no file/,
  'sqlite:////tmp/folder/': /names no file/,
  'sqlite:///app.db?mode=ro': /no parameters/,
  'sqlite:///50%.db': /escapes nothing/,
  'sqlite:///a%00b.db': /escapes nothing/,
  'postgresql://u:hunter2@h': /names no database/,
  'postgresql://u:hunter2@h/': /names no database/,
  'postgresql://u:hunter2@h/a/b': /names no database/,
  'postgresql:///n': /names no host/,
  'postgresql://u:hunter2#@h/n': /cannot be read.*percent-encoded/,
  'postgresql://u:hunter2@h:port/n': /cannot be read/,
  'postgresql://u:hunter2%@h/n': /escapes nothing/,
  'postgresql://u:p@h/n?connect_timeout=hunter2': /connect_timeout is no number/,
  'postgresql://u:p@h/n?statement_timeout=1s': /statement_timeout is no number/,
  'postgresql://u:p@h/n?sslmode=hunter2': /sslmode is not known.*disable.*verify-full/,
}

describe('readDatabaseUrl', () => {
  for (const [text, value] of Object.entries(accepted))
    test(text, () => expect(readDatabaseUrl(text)).toEqual({ ok: true, value }))

  for (const [text, message] of Object.entries(refused))
    test(`refuses ${text}, repeating no password`, () => {
      const reading = readDatabaseUrl(text)
      if (reading.ok) throw new Error('was accepted')
      expect(`${reading.problem} ${reading.repair}`).toMatch(message)
      expect(`${reading.problem} ${reading.repair}`).not.toContain('hunter2')
    })
})

test('a database is told without its credentials', () => {
  const pool = { poolMin: 1, poolMax: 10 }
  expect(databasePlace({ dialect: 'sqlite', file: 'data/app.db' }).name).toBe('data/app.db')
  expect(databasePlace({ ...postgres('postgres://u:p@h:5433/n'), ...pool }).name).toBe('h:5433/n')
})
