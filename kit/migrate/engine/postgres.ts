import { Problem } from '#kit/core'
import type { ColumnRow, Executor } from '#kit/db'
import { emptySnapshot, findTable, type Snapshot } from '../snapshot.ts'
import type { Engine, Observation, Patience } from './engine.ts'
import { createTableSteps } from './postgres-ddl.ts'
import { describeTables } from './postgres-schema.ts'
import { quote } from './sql-text.ts'

/** Any number of our own: who holds it migrates. */
const lockKey = 7_052_021

export const postgresEngine: Engine = Object.freeze({
  name: 'postgres',
  placeholder: (place) => `$${place}`,
  tableExists: 'SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = $1',
  createTable: (table) => createTableSteps(table, emptySnapshot),
  begin,
  enter: async () => async () => {},
  scriptAround: [[], []],
  findOrphans,
  explain,
  describe: describeTables,
  asText: (column) => `${column}::text`,
  observe,
} satisfies Engine)

/**
 * The lock goes with the transaction, so that it holds through a pooler too. What a migration runs may take long;
 * what it must not do is wait for a table, since all who come after it wait behind it.
 */
async function begin(executor: Executor, { turnMs, lockMs }: Patience): Promise<void> {
  await executor.execute('BEGIN ISOLATION LEVEL READ COMMITTED')
  await executor.execute('SET LOCAL statement_timeout = 0')
  await executor.execute('SET LOCAL idle_in_transaction_session_timeout = 0')
  await executor.execute(`SET LOCAL lock_timeout = ${turnMs}`)
  try {
    await executor.execute(`SELECT pg_advisory_xact_lock(${lockKey})`)
  } catch (cause) {
    if (!isLockTimeout(cause)) throw cause
    throw new Problem(
      'unavailable',
      `Another process has been migrating the database for ${turnMs / 1000} s. Wait until it is done, or stop it, and try again.`,
    )
  }
  await executor.execute(`SET LOCAL lock_timeout = ${lockMs}`)
}

/** A reference whose target is there is held by the server; one that waits for its target is looked at here. */
async function findOrphans(executor: Executor, after: Snapshot): Promise<string[]> {
  const orphans: string[] = []
  for (const table of after.tables) {
    for (const { name, references } of table.columns) {
      if (!references || findTable(after, references.table)) continue
      const query = `SELECT 1 FROM ${quote(table.name)} WHERE ${quote(name)} IS NOT NULL LIMIT 1`
      const rows = await executor.execute(query)
      if (rows.length > 0) orphans.push(`${table.name} to ${references.table}`)
    }
  }
  return orphans
}

/** SQLSTATE lock_not_available. */
const lockNotAvailable = '55P03'

function isLockTimeout(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ('errno' in error && error.errno === lockNotAvailable) || isLockTimeout(error.cause)
}

/** Those who have had a table for so long that they may be what a migration waited for. */
const holders = `SELECT DISTINCT activity.pid, activity.application_name AS name, activity.state,
    relation.relname AS table, round(extract(epoch FROM now() - activity.xact_start))::int AS seconds
  FROM pg_locks held
  JOIN pg_class relation ON relation.oid = held.relation AND relation.relkind = 'r'
  JOIN pg_stat_activity activity ON activity.pid = held.pid
  WHERE held.granted AND held.pid <> pg_backend_pid() AND activity.datname = current_database()
    AND relation.relnamespace = current_schema()::regnamespace
  ORDER BY seconds DESC, activity.pid LIMIT 3`

async function explain(executor: Executor, fault: unknown): Promise<string | undefined> {
  if (!isLockTimeout(fault)) return undefined
  const found = await executor.execute(holders)
  const repair = 'Try again when nobody uses the table; the server may go on meanwhile.'
  if (found.length === 0) return `The table was in use. ${repair}`
  const end = `SELECT pg_terminate_backend(${found[0]?.['pid']})`
  return `The table is in use by ${found.map(toHolder).join('; ')}. End that (${end}), or try again when nobody uses the table.`
}

function toHolder({ pid, name, state, table, seconds }: ColumnRow): string {
  const program = name ? `${name}, ` : ''
  return `process ${pid} (${program}${state}), which has held ${table} for ${seconds} s`
}

/** From the weakest to the strongest: https://www.postgresql.org/docs/current/explicit-locking.html */
const modes = [
  'AccessShareLock',
  'RowShareLock',
  'RowExclusiveLock',
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
]

const observed = `SELECT relation.relname AS table, pg_relation_filenode(relation.oid)::text AS place, held.mode
  FROM pg_class relation
  LEFT JOIN pg_locks held ON held.relation = relation.oid AND held.pid = pg_backend_pid() AND held.granted
    AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  WHERE relation.relkind = 'r' AND relation.relnamespace = current_schema()::regnamespace`

async function observe(executor: Executor): Promise<Observation> {
  const places: Record<string, string> = {}
  const ranks: Record<string, number> = {}
  for (const { table, place, mode } of await executor.execute(observed)) {
    const name = String(table)
    places[name] = String(place)
    ranks[name] = Math.max(ranks[name] ?? -1, modes.indexOf(String(mode)))
  }
  const locks = Object.entries(ranks).flatMap(([name, rank]) => {
    const mode = modes[rank]
    return mode === undefined ? [] : [[name, toWords(mode)] as const]
  })
  return { places, locks: Object.fromEntries(locks) }
}

/** `AccessExclusiveLock` → `ACCESS EXCLUSIVE` */
function toWords(mode: string): string {
  return mode
    .replace(/Lock$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toUpperCase()
}
