import { lookup } from 'node:dns/promises'
import { SQL } from 'bun'
import { type DatabaseConfig, Problem } from '#kit/core'

type PostgresConfig = Extract<DatabaseConfig, { dialect: 'postgres' }>

interface Place {
  readonly address: string
  readonly host: string
  readonly user: string
  readonly name: string
}

type Describe = (place: Place, message: string) => string

/** By SQLSTATE or the driver's code: what to mend. Those of `lasting` do not go away by waiting. */
const lasting: Readonly<Record<string, Describe>> = {
  '28P01': ({ address, user }) =>
    `The PostgreSQL server ${address} refuses the password of "${user}". Mend user and password in DATABASE_URL.`,
  '28000': ({ address, user }) =>
    `The PostgreSQL server ${address} does not let "${user}" in. Mend the user in DATABASE_URL, or its pg_hba.conf; a server that asks for TLS needs sslmode=require.`,
  '3D000': ({ address, name }) =>
    `There is no database "${name}" on ${address}. Make it with "plinth db init", or mend the name in DATABASE_URL.`,
  '42501': ({ user, name }) =>
    `The user "${user}" may not connect to the database "${name}". Grant it CONNECT, or mend DATABASE_URL.`,
  '08P01': ({ address }, message) =>
    `What answers at ${address} refuses how we speak to it (${message}). If it is a pooler, add pgbouncer=true to DATABASE_URL.`,
  ERR_POSTGRES_TLS_NOT_AVAILABLE: ({ address }) =>
    `The PostgreSQL server ${address} knows no TLS. Switch TLS on there, or set sslmode=disable in DATABASE_URL where the way to it is safe.`,
  ERR_POSTGRES_TLS_UPGRADE_FAILED: ({ address }) =>
    `No TLS connection to the PostgreSQL server ${address} came about. Look into its log; sslmode in DATABASE_URL says how strict we are.`,
}

const passing: Readonly<Record<string, Describe>> = {
  '53300': ({ address }) =>
    `The PostgreSQL server ${address} has no connection left. Lower DATABASE_POOL_MAX, raise its max_connections, or set a pooler before it.`,
  '57P03': ({ address }) => `The PostgreSQL server ${address} is starting or stopping. Try again.`,
  ERR_POSTGRES_CONNECTION_REFUSED: ({ address }) =>
    `Nothing answers at ${address}. Start the PostgreSQL server, or mend host and port in DATABASE_URL.`,
  ERR_POSTGRES_CONNECTION_TIMEOUT: ({ address }) =>
    `The PostgreSQL server ${address} did not answer in time. See that it runs and that no firewall is between, or mend host and port in DATABASE_URL.`,
  ERR_POSTGRES_CONNECTION_FAILED: ({ address }) =>
    `What answers at ${address} ended the connection. See that it is a PostgreSQL server, and that it runs.`,
}

const certificateFault = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/

/** The one line for a connection that did not come about, as `unavailable`; anything else as it is. */
export async function describeRefusal(error: unknown, config: PostgresConfig): Promise<unknown> {
  if (!(error instanceof Error)) return error
  const place = placeOf(config)
  const detail = (await detailOf(error, place)) ?? undefined
  if (detail === undefined) return error
  return new Problem('unavailable', detail, { cause: error, headers: { 'Retry-After': '1' } })
}

/** Whether waiting will not help. */
export function isRefusal(error: unknown): boolean {
  const cause = error instanceof Problem ? error.cause : error
  const codes = codesOf(cause)
  return codes.some((code) => Object.hasOwn(lasting, code) || certificateFault.test(code))
}

async function detailOf(error: Error, place: Place): Promise<string | undefined> {
  const codes = codesOf(error)
  if (codes.includes('ERR_POSTGRES_CONNECTION_REFUSED') && !(await isKnown(place.host)))
    return `The host "${place.host}" is not known. Mend it in DATABASE_URL.`
  for (const code of codes) {
    const describe = lasting[code] ?? passing[code]
    if (describe) return describe(place, error.message)
    if (certificateFault.test(code))
      return `The certificate of the PostgreSQL server ${place.address} cannot be verified (${code}). Give its authority as sslrootcert=<file> in DATABASE_URL, or set sslmode=require to go without the check.`
  }
  if (!(error instanceof SQL.PostgresError)) return undefined
  return `The PostgreSQL server ${place.address} refuses the connection: ${error.message}`
}

function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return []
  const { errno, code } = error as { errno?: unknown; code?: unknown }
  return [errno, code].filter((text) => typeof text === 'string')
}

async function isKnown(host: string): Promise<boolean> {
  return lookup(host).then(
    () => true,
    () => false,
  )
}

/** What of the address may be said: all but the password. */
function placeOf({ url }: PostgresConfig): Place {
  const { hostname, port, username, pathname } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  return {
    host,
    address: `${hostname}:${port || '5432'}`,
    user: decodeURIComponent(username),
    name: decodeURIComponent(pathname.slice(1)),
  }
}
