import { expect } from 'bun:test'
import { createLog, type DatabaseConfig } from '#kit/core'
import { openDatabase, verifyAudit } from '#kit/db'

/** That the audit trail holds, and tells of the creation of every task that is there, once, and of no other. */
export async function expectTrail(config: DatabaseConfig): Promise<void> {
  const database = await openDatabase(config, { log: createLog('silent') })
  try {
    expect(await verifyAudit(database)).toMatchObject({ faults: [] })
    const ids = async (sql: string) =>
      (await database.reader.execute(sql)).map(({ id }) => String(id))
    const told = await ids(
      "SELECT row_id AS id FROM plinth_audit WHERE model = 'task' AND action = 'create'",
    )
    expect(told.sort()).toEqual((await ids('SELECT id FROM tasks')).sort())
  } finally {
    await database.close()
  }
}
