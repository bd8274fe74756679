import { type DatabaseConfig, type Log, Problem } from '#kit/core'
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
  if (config.dialect === 'sqlite') return openSqlite(config.file, options)
  throw new Problem(
    'unavailable',
    'DATABASE_URL names a PostgreSQL server; this version knows SQLite only. Use sqlite:///data/app.db.',
  )
}
