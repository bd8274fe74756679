import type { DatabaseConfig } from './config.ts'
import { accept, type Reading, refuse } from './config-reader.ts'

type PostgresConfig = Extract<DatabaseConfig, { dialect: 'postgres' }>
type Parameters = Omit<PostgresConfig, 'dialect' | 'url' | 'poolMin' | 'poolMax'>

const tlsModes: Readonly<Record<string, PostgresConfig['tls']>> = {
  disable: 'off',
  false: 'off',
  allow: 'prefer',
  prefer: 'prefer',
  require: 'require',
  true: 'require',
  // Without checking the host's name a certificate proves little: we check both.
  'verify-ca': 'verify-full',
  'verify-full': 'verify-full',
}

/** Parameters that tell a client what to do; a server that is sent one of them refuses the connection. */
const clientParameters = [
  'ssl',
  'sslmode',
  'sslrootcert',
  'channel_binding',
  'connect_timeout',
  'statement_timeout',
  'gssencmode',
  'pgbouncer',
  'pool_timeout',
  'prepared_statement_cache_size',
  'statement_cache_size',
  'target_session_attrs',
]

/** Reads the parameters that are for us, and takes them out of the URL. */
export function takePostgresParameters(url: URL): Reading<Parameters> {
  const { searchParams } = url
  const mode = (searchParams.get('sslmode') ?? searchParams.get('ssl') ?? 'prefer').toLowerCase()
  const tls = Object.hasOwn(tlsModes, mode) ? tlsModes[mode] : undefined
  if (tls === undefined)
    return refuse('Its sslmode is not known.', `Set one of: ${Object.keys(tlsModes).join(', ')}.`)
  const connectS = readNumber(searchParams.get('connect_timeout'))
  const statementMs = readNumber(searchParams.get('statement_timeout'))
  if (connectS === null) return refuse('Its connect_timeout is no number.', 'Set seconds.')
  if (statementMs === null)
    return refuse('Its statement_timeout is no number.', 'Set milliseconds.')
  // The weaker modes check no certificate, whatever is given.
  const caFile = ['require', 'verify-full'].includes(tls) ? searchParams.get('sslrootcert') : null
  const parameters: Parameters = {
    tls,
    ...(caFile && caFile !== 'system' ? { tlsCaFile: caFile } : {}),
    ...(isPooled(url) ? { isPooled: true } : {}),
    ...(connectS ? { connectTimeoutMs: connectS * 1000 } : {}),
    ...(statementMs ? { statementTimeoutMs: statementMs } : {}),
  }
  for (const name of clientParameters) searchParams.delete(name)
  return accept(parameters)
}

/** Zero, which elsewhere means for ever, is our default; null is no number. */
function readNumber(text: string | null): number | undefined | null {
  if (text === null) return undefined
  return /^\d{1,7}$/.test(text) ? Number(text) : null
}

/** Said, or seen: Neon and Supabase name the hosts of their poolers so. */
function isPooled({ searchParams, hostname }: URL): boolean {
  const said = searchParams.get('pgbouncer')
  if (said !== null) return said !== 'false'
  const keepsNone = ['prepared_statement_cache_size', 'statement_cache_size'].some(
    (name) => searchParams.get(name) === '0',
  )
  return keepsNone || /-pooler\.|\.pooler\./.test(hostname)
}
