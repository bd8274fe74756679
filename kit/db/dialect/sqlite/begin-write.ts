import { Problem } from '#kit/core'
import type { Statement } from '../../types.ts'
import type { SqliteConnection } from './connection.ts'

/** How long another process may hold the write lock before units are refused. */
const busyMs = 5000
const longestPauseMs = 50

const begin: Statement = Object.freeze({ sql: 'BEGIN IMMEDIATE', slots: [] })

/** Opens a transaction that may write. Waits for another process's lock without blocking the event loop. */
export async function beginWrite(connection: SqliteConnection): Promise<void> {
  const until = performance.now() + busyMs
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      connection.run(begin, [])
      return
    } catch (error) {
      const isBusy = error instanceof Problem && error.kind.code === 'unavailable'
      if (!isBusy || performance.now() > until) throw error
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
}
