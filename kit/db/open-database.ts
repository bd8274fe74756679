import type { DatabaseConfig, Log } from '#kit/core'
import type { AnyModel } from '#kit/model'
import { openPostgres } from './dialect/postgres/open.ts'
import { openSqlite, type SqliteOptions } from './dialect/sqlite/open.ts'
import type { Database } from './types.ts'

export interface OpenOptions extends SqliteOptions {
  readonly log: Log
  /** All models with tables in it: what is removed along with a row of another model can then be recorded. */
  readonly models?: readonly AnyModel[] | undefined
}

/** Opens the database. Throws `unavailable` with one clear line where it cannot be had. */
export async function openDatabase(
  config: DatabaseConfig,
  options: OpenOptions,
): Promise<Database> {
  const database =
    config.dialect === 'sqlite'
      ? openSqlite(config.file, options)
      : await openPostgres(config, options)
  return { ...database, models: options.models }
}
