import { SQL } from 'bun'
import { type DatabaseConfig, type Log, Problem } from '#kit/core'
import type { Database } from '../../types.ts'
import { PostgresChanges } from './changes.ts'
import { type ConnectionEvents, PostgresConnection } from './connection.ts'
import { postgresDialect } from './dialect.ts'
import { exclusively } from './exclusively.ts'
import { connectionOptions, listenerOptions } from './options.ts'
import { pauseBefore } from './pause.ts'
import { Pool } from './pool.ts'
import { PostgresReader } from './reader.ts'
import { describeRefusal, isRefusal } from './refusals.ts'
import { PostgresWriter } from './writer.ts'

type PostgresConfig = Extract<DatabaseConfig, { dialect: 'postgres' }>

const usualAcquireMs = 5000
const usualBridgeMs = 1000
const idleMs = 30_000
const usualConnectMs = 10_000
const usualStatementMs = 30_000
const usualTurnMs = 120_000

export interface PostgresOptions {
  readonly log: Log
  /** How long a caller waits for a connection before he is told to come again. Default: 5 s. */
  readonly acquireMs?: number
  /** How long he waits while the server is away, so that a restart costs nobody an error. Default: 1 s. */
  readonly bridgeMs?: number
  /** How long a unit may take. Default: 10 s. */
  readonly unitMs?: number
  /** How long exclusive work waits for that of another process. Default: 2 min, as a migration waits for its turn. */
  readonly turnMs?: number
}

const nothing: ConnectionEvents = { onLost: () => {}, onSettled: () => {} }

/** Opens a PostgreSQL database. Throws `unavailable` with one line that says what to mend. */
export async function openPostgres(
  config: PostgresConfig,
  { log, unitMs, turnMs = usualTurnMs, ...waits }: PostgresOptions,
): Promise<Database> {
  const settings = {
    ...config,
    connectTimeoutMs: config.connectTimeoutMs ?? usualConnectMs,
    statementTimeoutMs: config.statementTimeoutMs ?? usualStatementMs,
    ca: await readAuthorities(config.tlsCaFile),
  }
  const options = connectionOptions(settings)
  const open = (events: ConnectionEvents) =>
    PostgresConnection.open(options, events).catch(async (error: unknown) => {
      throw await describeRefusal(error, config)
    })
  const pool = new Pool({
    min: config.poolMin,
    max: config.poolMax,
    acquireMs: waits.acquireMs ?? usualAcquireMs,
    bridgeMs: waits.bridgeMs ?? usualBridgeMs,
    idleMs,
    silentMs: settings.statementTimeoutMs + 5000,
    log,
    open,
  })
  await start(pool, settings.connectTimeoutMs)
  const reader = new PostgresReader(pool)
  const changes = new PostgresChanges({
    reader,
    log,
    connect: () => new SQL(listenerOptions(options)),
  })
  const writer = new PostgresWriter(pool, { log, unitMs, changes })
  return {
    dialect: postgresDialect,
    reader,
    write: (name, work, limits) => writer.write(name, work, limits),
    exclusively: (work) => exclusively({ open: () => open(nothing), waitMs: turnMs }, work),
    watch: (watcher) => changes.watch(watcher),
    ping: async () => void (await reader.execute('SELECT 1')),
    close: async () => {
      await changes.close()
      await pool.close()
      writer.close()
    },
  }
}

async function readAuthorities(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined
  return Bun.file(file)
    .text()
    .catch((cause: unknown) => {
      throw new Problem('unavailable', `sslrootcert: ${file} cannot be read.`, { cause })
    })
}

/** A server that is just starting gets some time; one that refuses us gets none. */
async function start(pool: Pool, limitMs: number): Promise<void> {
  const untilMs = performance.now() + limitMs
  for (let attempt = 1; ; attempt += 1) {
    try {
      await pool.start()
      return
    } catch (error) {
      if (isRefusal(error) || performance.now() > untilMs) {
        await pool.close()
        throw error
      }
      await pauseBefore(attempt)
    }
  }
}
