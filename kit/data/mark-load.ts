import { Problem } from '#kit/core'
import { beginLoad, endLoad, type Load } from '#kit/migrate'
import { readState } from './copy/copy-state.ts'
import { type Connection, inWrite } from './transaction.ts'

/** Marks the database as one that is not whole, so that no server takes it for one it may serve. */
export function markLoad(connection: Connection, load: Load, nowMs: number): Promise<void> {
  return inWrite(connection, () => beginLoad(connection, load, nowMs))
}

type OnConnection = (work: (connection: Connection) => Promise<void>) => Promise<void>

/**
 * Takes the mark away from a database that nothing was put into, and throws what kept it from that. Where the database
 * does not answer any more the mark stays: the same command, called again, takes it up.
 */
export function unmark(on: OnConnection): (error: unknown) => Promise<never> {
  return async (error) => {
    try {
      await on(async (connection) => {
        if ((await readState(connection)) === undefined) await endLoad(connection)
      })
    } catch (fault) {
      if (!(fault instanceof Problem)) throw fault
    }
    throw error
  }
}
