import { Problem } from '#kit/core'
import type { Database, Executor } from '#kit/db'
import type { Engine, Patience } from './engine/engine.ts'

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

export interface TransactionOptions {
  readonly executor: Executor
  readonly engine: Engine
  readonly patience: Patience
}

/** Another process may have many files to apply; a table is given up by whoever uses it for a request. */
export const defaultPatience: Patience = Object.freeze({ turnMs: 120_000, lockMs: 5000 })

/** Runs the work in one transaction that no other migration, of whatever process, runs beside. */
export async function inTransaction<T>(
  { executor, engine, patience }: TransactionOptions,
  work: () => Promise<T>,
): Promise<T> {
  try {
    await engine.begin(executor, patience)
    const value = await work()
    await executor.execute('COMMIT')
    return value
  } catch (error) {
    await rollBack(executor)
    throw await explained(executor, engine, error)
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

async function explained(executor: Executor, engine: Engine, error: unknown): Promise<unknown> {
  if (!(error instanceof Problem)) return error
  const explanation = await explanationOf(executor, engine, error)
  if (explanation === undefined) return error
  return new Problem(error.kind, `${error.detail} ${explanation}`, { cause: error })
}

/** Whoever cannot even be asked has nothing to add. */
async function explanationOf(executor: Executor, engine: Engine, error: Problem) {
  try {
    return await engine.explain(executor, error)
  } catch {
    return undefined
  }
}
