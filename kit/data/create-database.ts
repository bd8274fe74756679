import { type DatabaseConfig, type Log, Problem } from '#kit/core'
import { type Database, openDatabase } from '#kit/db'
import type { Creation } from './engine/data-engine.ts'
import { dataEngines } from './engine/engines.ts'

/** Opens a database, and makes it first where it is not there. Throws `unavailable` where that may not be done. */
export async function openOrCreate(
  config: DatabaseConfig,
  options: { readonly log: Log },
): Promise<Database> {
  const creation = dataEngines[config.dialect].creation(config)
  try {
    return await openDatabase(config, options)
  } catch (error) {
    if (!creation?.isMissing(error)) throw error
    await create(creation, options)
    return openDatabase(config, options)
  }
}

async function create(creation: Creation, options: { readonly log: Log }): Promise<void> {
  try {
    const beside = await openDatabase(creation.config, options)
    try {
      await beside.exclusively((executor) => executor.execute(creation.statement))
    } finally {
      await beside.close()
    }
  } catch (cause) {
    if (creation.isMade(cause)) return
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Problem(
      'unavailable',
      `The database is not there and cannot be made: ${reason.replace(/[.]?$/, '.')} ${creation.repair}`,
      { cause },
    )
  }
}
