import type { Database, Executor } from '#kit/db'
import type { Engine } from './engine/engine.ts'

/** Runs the work as the only writer of this process, the connection readied for migrations. */
export function exclusively<T>(
  database: Pick<Database, 'exclusively'>,
  engine: Engine,
  work: (executor: Executor) => Promise<T>,
): Promise<T> {
  return database.exclusively(async (executor) => {
    const leave = await engine.enter(executor)
    try {
      return await work(executor)
    } finally {
      await leave()
    }
  })
}

/** Runs the work in one transaction that no other migration, of whatever process, runs beside. */
export async function inTransaction<T>(
  executor: Executor,
  engine: Engine,
  work: () => Promise<T>,
): Promise<T> {
  try {
    for (const statement of engine.begin) await executor.execute(statement)
    const value = await work()
    await executor.execute('COMMIT')
    return value
  } catch (error) {
    await rollBack(executor)
    throw error
  }
}

/** The engine may have given up the transaction already; what led here is what counts then. */
async function rollBack(executor: Executor): Promise<void> {
  try {
    await executor.execute('ROLLBACK')
  } catch {
    return
  }
}
