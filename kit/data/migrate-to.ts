import { Problem } from '#kit/core'
import type { Database } from '#kit/db'
import { createMigrator, type MigrationSet } from '#kit/migrate'
import type { Layout } from './layout.ts'

interface MigrateOptions {
  readonly database: Pick<Database, 'dialect' | 'reader' | 'exclusively'>
  readonly sets: readonly MigrationSet[]
  readonly nowMs: () => number
}

/** Applies these migrations and no other, and answers those that were still due. Throws `conflict` where the code does not have them as they were applied. */
export async function migrateTo(
  wanted: Layout['migrations'],
  { database, sets, nowMs }: MigrateOptions,
): Promise<string[]> {
  const migrator = createMigrator({ database, sets, nowMs })
  const statuses = await migrator.status()
  const ids = wanted.map(({ id }) => id)
  const missing = ids.filter((id) => !statuses.some((status) => status.id === id))
  if (missing.length > 0)
    throw new Problem(
      'conflict',
      `The data is that of a version which has ${missing.join(', ')}; this one has not. Use the version that the data is from.`,
    )
  const ahead = statuses.filter(({ id, appliedAt }) => appliedAt !== null && !ids.includes(id))
  if (ahead.length > 0)
    throw new Problem(
      'conflict',
      `The database has ${ahead.map(({ id }) => id).join(', ')}, which the data has not seen yet. Name a new database: it is made, and migrated as far as the data is.`,
    )
  return migrator.up({ only: ids })
}

/** Throws `conflict` where a migration says something else than when the data was written. */
export function assertMigrated({ migrations }: Layout, wanted: Layout['migrations']): void {
  const edited = wanted.filter(
    ({ id, checksum }) => migrations.find((applied) => applied.id === id)?.checksum !== checksum,
  )
  if (edited.length === 0) return
  throw new Problem(
    'conflict',
    `${edited.map(({ id }) => id).join(', ')}: the file says something else than it did where the data is from. Restore it from version control.`,
  )
}
