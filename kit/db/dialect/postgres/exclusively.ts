import { Problem } from '#kit/core'
import type { Awaitable, ColumnRow, Executor } from '../../types.ts'
import type { PostgresConnection } from './connection.ts'
import { pauseBefore } from './pause.ts'

/** Any number of our own: who holds it is alone. */
const key = 7_052_020
const longestPauseMs = 200

export interface Turn {
  readonly open: () => Promise<PostgresConnection>
  /** How long to wait for another who is at it. */
  readonly waitMs: number
}

/**
 * Runs the work on a connection of its own. The lock is held by the transaction of a second connection, since behind a
 * pooler one connection may be another server process in each transaction. Whoever waits for it holds no transaction:
 * a pooler would have no server process left for the one he waits for. Throws `unavailable` with the name of who holds
 * it where he does not come to his turn.
 */
export async function exclusively<T>(
  { open, waitMs }: Turn,
  work: (executor: Executor) => Awaitable<T>,
): Promise<T> {
  const guard = await open()
  try {
    const untilMs = performance.now() + waitMs
    for (let attempt = 1; !(await lock(guard)); attempt += 1) {
      if (performance.now() > untilMs) throw await crowdedOut(guard, waitMs)
      await pauseBefore(attempt, longestPauseMs)
    }
    const connection = await open()
    try {
      return await work(connection)
    } finally {
      await connection.close()
    }
  } finally {
    await guard.close()
  }
}

async function lock(guard: PostgresConnection): Promise<boolean> {
  await guard.execute('BEGIN')
  await guard.execute('SET LOCAL idle_in_transaction_session_timeout = 0')
  const [row] = await guard.execute(`SELECT pg_try_advisory_xact_lock(${key}) AS locked`)
  if (row?.['locked'] === true) return true
  await guard.execute('ROLLBACK')
  return false
}

/** Of a user whose sessions we may not look into the server tells no more than the process. */
const holder = `SELECT held.pid, activity.application_name AS name, host(activity.client_addr) AS host,
    round(extract(epoch FROM now() - activity.xact_start))::int AS seconds
  FROM pg_locks held LEFT JOIN pg_stat_activity activity ON activity.pid = held.pid
  WHERE held.locktype = 'advisory' AND held.classid = 0 AND held.objid = ${key} AND held.objsubid = 1
    AND held.granted AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())`

async function crowdedOut(guard: PostgresConnection, waitMs: number): Promise<Problem> {
  const [found] = await guard.execute(holder)
  const by = found ? ` (${toHolder(found)})` : ''
  return new Problem(
    'unavailable',
    `Another migration, backup, restore or copy has been at work on this database for more than ${waitMs / 1000} s${by}. Try again when it is done, or stop who runs it.`,
    { headers: { 'Retry-After': '10' } },
  )
}

function toHolder({ pid, name, host, seconds }: ColumnRow): string {
  const program = name ? ` "${name}"` : ''
  const machine = host ? ` from ${host}` : ''
  const since = typeof seconds === 'number' ? `, for ${seconds} s` : ''
  return `server process ${pid}${program}${machine}${since}`
}
