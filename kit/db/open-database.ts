import type { DatabaseConfig, Log } from '#kit/core'
import { openPostgres } from './dialect/postgres/open.ts'
import { openSqlite, type SqliteOptions } from './dialect/sqlite/open.ts'
import type { Database } from './types.ts'

export interface OpenOptions extends SqliteOptions {
  readonly log: Log
}

/** Opens the database. Throws `unavailable` with one clear line where it cannot be had. */
export async function openDatabase(
  config: DatabaseConfig,
  options: OpenOptions,
): Promise<Database> {
  return config.dialect === 'sqlite'
    ? openSqlite(config.file, options)
    : openPostgres(config, options)
}
