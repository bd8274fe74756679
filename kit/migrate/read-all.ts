import { type MigrationSet, readMigrations } from './files/migration-file.ts'
import type { MigrationFiles } from './status.ts'

/** The files of all sets. Throws `conflict` for a damaged one and for two of one number. */
export async function readAll(sets: readonly MigrationSet[]): Promise<MigrationFiles> {
  const files = await Promise.all(sets.map(readMigrations))
  return { sets: sets.map(({ name }) => name), files: files.flat() }
}
