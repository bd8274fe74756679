import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  createLog,
  type DatabaseConfig,
  type Environment,
  formatConfigFault,
  Problem,
  parseConfig,
} from '#kit/core'
import { openOrCreate } from '#kit/data'
import { type Database, openDatabase } from '#kit/db'
import { StartError } from '#kit/tool'

/**
 * Where the data is. Reads the variables of the database alone: what else is wrong with the settings keeps nobody from
 * a backup. A URL that was given counts instead of DATABASE_URL, and faults are said to be of `name`.
 */
export function databaseConfig(
  environment: Environment,
  url = environment['DATABASE_URL'],
  name = 'DATABASE_URL',
): DatabaseConfig {
  const entries = Object.entries(environment).filter(([key]) => key.startsWith('DATABASE_'))
  const parsed = parseConfig({ ...Object.fromEntries(entries), DATABASE_URL: url })
  if (parsed.ok) return parsed.value.database
  const rename = (line: string) => line.replaceAll('DATABASE_URL', name)
  throw new StartError(parsed.errors.map(formatConfigFault).map(rename))
}

/** Names a database for people: whole, but for user and password. */
export function addressOf(config: DatabaseConfig): string {
  if ('file' in config) return `sqlite:///${resolve(config.file)}`
  const { host, pathname } = new URL(config.url)
  return `postgres://${host}${pathname}`
}

/** Runs the work on a database that is there. Throws `not_found` for a file that is not: opening would make it. */
export async function withDatabase<T>(
  config: DatabaseConfig,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  if ('file' in config && !existsSync(config.file))
    throw new Problem(
      'not_found',
      `There is no database ${config.file}. Name another one, or make it: plinth db init`,
    )
  return closing(await openDatabase(config, { log: createLog('silent') }), work)
}

/** Runs the work on a database, which is made where it is not there. */
export async function withNewDatabase<T>(
  config: DatabaseConfig,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  return closing(await openOrCreate(config, { log: createLog('silent') }), work)
}

async function closing<T>(
  database: Database,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}
