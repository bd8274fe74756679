import type { Awaitable, Executor } from '../../types.ts'
import type { PostgresConnection } from './connection.ts'
import { pauseBefore } from './pause.ts'

/** Any number of our own: who holds it is alone. */
const key = 7_052_020
const longestPauseMs = 200

/**
 * Runs the work on a connection of its own. The lock is held by the transaction of a second connection, since behind a
 * pooler one connection may be another server process in each transaction. Whoever waits for it holds no transaction:
 * a pooler would have no server process left for the one he waits for.
 */
export async function exclusively<T>(
  open: () => Promise<PostgresConnection>,
  work: (executor: Executor) => Awaitable<T>,
): Promise<T> {
  const guard = await open()
  try {
    for (let attempt = 1; !(await lock(guard)); attempt += 1)
      await pauseBefore(attempt, longestPauseMs)
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
