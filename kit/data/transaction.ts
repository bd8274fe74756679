import type { Database, Executor } from '#kit/db'
import type { DataEngine } from './engine/data-engine.ts'
import { dataEngines } from './engine/engines.ts'

type Exclusive = Pick<Database, 'dialect' | 'exclusively'>

/** One connection that is ours while the work lasts. */
export interface Connection {
  readonly executor: Executor
  readonly engine: DataEngine
}

/** Runs the work on a connection of its own, readied for long work. */
export function onConnection<T>(
  database: Exclusive,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const engine = dataEngines[database.dialect.name]
  return database.exclusively(async (executor) => {
    const leave = await engine.enter(executor)
    try {
      return await work({ executor, engine })
    } finally {
      await leave()
    }
  })
}

/** Runs the work where it sees the data of one moment, and writes nothing. */
export async function inSnapshot<T>(
  { executor, engine }: Connection,
  work: () => Promise<T>,
): Promise<T> {
  for (const statement of engine.beginSnapshot) await executor.execute(statement)
  try {
    return await work()
  } finally {
    await executor.execute('ROLLBACK')
  }
}

/** Runs the work in one transaction: all of it is kept, or nothing. */
export async function inWrite<T>(
  { executor, engine }: Connection,
  work: () => Promise<T>,
): Promise<T> {
  try {
    for (const statement of engine.beginWrite) await executor.execute(statement)
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
