import { type Environment, Problem } from '#kit/core'
import type { Database } from '#kit/db'
import { databaseConfig, withDatabase } from './databases.ts'

/** Runs the work on the database that is there. Throws `conflict` where it has no audit trail yet. */
export function withTrail<T>(
  environment: Environment,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  return withDatabase(databaseConfig(environment), async (database) => {
    await assertTrail(database)
    return work(database)
  })
}

async function assertTrail({ reader }: Database): Promise<void> {
  try {
    await reader.execute('SELECT 1 FROM plinth_audit_chains LIMIT 1')
  } catch (cause) {
    if (cause instanceof Problem) throw cause
    throw new Problem('conflict', 'The database has no audit trail yet: plinth migrate up', {
      cause,
    })
  }
}
