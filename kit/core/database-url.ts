import type { DatabaseConfig } from './config.ts'
import { accept, type Reading, refuse } from './config-reader.ts'
import { takePostgresParameters } from './postgres-parameters.ts'

type SqliteConfig = Extract<DatabaseConfig, { dialect: 'sqlite' }>
type PostgresConfig = Extract<DatabaseConfig, { dialect: 'postgres' }>
export type DatabaseAddress = SqliteConfig | Omit<PostgresConfig, 'poolMin' | 'poolMax'>

const forms =
  'Set sqlite:///relative/path.db, sqlite:////absolute/path.db or postgresql://user:password@host/name (postgres://, postgresql+asyncpg://, postgresql+psycopg2:// and postgresql+psycopg:// are taken too).'

/** What a scheme, the part before `://`, makes of the rest. */
type ReadRest = (rest: string) => Reading<DatabaseAddress>

const schemes: Readonly<Record<string, ReadRest>> = {
  sqlite: readSqlite,
  'sqlite+aiosqlite': readSqlite,
  'sqlite+pysqlite': readSqlite,
  postgres: readPostgres,
  postgresql: readPostgres,
  'postgresql+asyncpg': readPostgres,
  'postgresql+psycopg': readPostgres,
  'postgresql+psycopg2': readPostgres,
}

/**
 * Where the data is, from the spellings that SQLAlchemy, its drivers, libpq and the hosts use. What is refused is
 * never repeated, since it may hold a password.
 */
export function readDatabaseUrl(text: string): Reading<DatabaseAddress> {
  const scheme = /^([a-z][a-z0-9+]*):\/\//i.exec(text)?.[1]?.toLowerCase()
  if (scheme === undefined) return refuse('It has no scheme such as sqlite://.', forms)
  if (!Object.hasOwn(schemes, scheme)) return refuse(`The scheme ${scheme}:// is not known.`, forms)
  const readRest = schemes[scheme] as ReadRest
  return readRest(text.slice(scheme.length + '://'.length))
}

const sqliteForms = 'Set sqlite:///relative/path.db or sqlite:////absolute/path.db.'

/** `rest` is what follows `sqlite://`: a slash, then the path. */
function readSqlite(rest: string): Reading<SqliteConfig> {
  if (rest === '' || /^\/?:memory:/.test(rest))
    return refuse('A database in memory is lost when the server stops.', sqliteForms)
  if (!rest.startsWith('/')) return refuse('sqlite:// is followed by a third slash.', sqliteForms)
  if (/[?#]/.test(rest)) return refuse('A SQLite file takes no parameters.', sqliteForms)
  const file = decode(rest.slice(1))
  if (file === undefined) return refuse('It holds a "%" that escapes nothing.', 'Write % as %25.')
  if (file === '' || /[/\\]$/.test(file)) return refuse('It names no file.', sqliteForms)
  return accept({ dialect: 'sqlite', file })
}

function decode(text: string): string | undefined {
  try {
    const decoded = decodeURIComponent(text)
    return decoded.includes('\0') ? undefined : decoded
  } catch (error) {
    if (!(error instanceof URIError)) throw error
    return undefined
  }
}

/** `rest` is what follows `://`. */
function readPostgres(rest: string): Reading<DatabaseAddress> {
  const url = URL.parse(`postgres://${rest}`)
  if (url === null || url.hash !== '')
    return refuse(
      'It cannot be read.',
      'Set postgresql://user:password@host:5432/name; in user and password, write @ : / # ? % percent-encoded (# is %23).',
    )
  const fault = addressFault(url)
  if (fault !== undefined) return fault
  const parameters = takePostgresParameters(url)
  if (!parameters.ok) return parameters
  return accept({ dialect: 'postgres', url: url.href, ...parameters.value })
}

function addressFault(url: URL): Reading<never> | undefined {
  const form = 'Set postgresql://user:password@host:5432/name.'
  if (url.hostname === '') return refuse('It names no host.', form)
  const path = decode(url.pathname)
  if ([url.username, url.password].some((part) => decode(part) === undefined) || path === undefined)
    return refuse('It holds a "%" that escapes nothing.', 'Write % as %25.')
  if (!/^\/[^/]+$/.test(path)) return refuse('It names no database.', form)
  return undefined
}
