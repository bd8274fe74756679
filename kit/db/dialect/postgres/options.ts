import type { SQL } from 'bun'
import type { DatabaseConfig } from '#kit/core'
import { listenerName } from './messages.ts'

type PostgresConfig = Extract<DatabaseConfig, { dialect: 'postgres' }>

const tlsModes = {
  off: 'disable',
  prefer: 'prefer',
  require: 'require',
  'verify-full': 'verify-full',
} as const

/**
 * What the driver is told. All of the address is said, since it would take what is missing from the environment
 * (PGDATABASE even before the URL).
 */
export function connectionOptions(
  config: PostgresConfig & {
    readonly connectTimeoutMs: number
    readonly statementTimeoutMs: number
    /** The text of `tlsCaFile`. */
    readonly ca: string | undefined
  },
): SQL.PostgresOrMySQLOptions {
  const url = new URL(config.url)
  const { application_name = 'plinth', ...parameters } = Object.fromEntries(url.searchParams)
  const isPooled = config.isPooled === true
  return {
    adapter: 'postgres',
    url: `${url.protocol}//${url.host}${url.pathname}`,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || 5432),
    username: decodeURIComponent(url.username) || 'postgres',
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    tls: config.ca === undefined ? tlsModes[config.tls] : { ca: config.ca },
    connectionTimeout: Math.ceil(config.connectTimeoutMs / 1000),
    // A pooler gives each transaction another server process, which does not know what was prepared on the last one.
    prepare: !isPooled,
    connection: {
      ...parameters,
      application_name,
      // A pooler refuses parameters that it does not know.
      ...(isPooled
        ? {}
        : {
            statement_timeout: config.statementTimeoutMs,
            idle_in_transaction_session_timeout: config.statementTimeoutMs,
          }),
    },
  }
}

/** The same for a connection that listens: it is found by its name. */
export function listenerOptions(options: SQL.PostgresOrMySQLOptions): SQL.PostgresOrMySQLOptions {
  return {
    ...options,
    max: 1,
    connection: { ...options.connection, application_name: listenerName },
  }
}
