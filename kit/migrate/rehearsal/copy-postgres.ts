import { type DatabaseConfig, type Log, Problem } from '#kit/core'
import { type Database, openDatabase } from '#kit/db'
import { quote } from '../engine/sql-text.ts'
import type { Copy, CopyRequest } from './copy.ts'

type Config = Extract<DatabaseConfig, { dialect: 'postgres' }>

const inUse = '55006'
const forbidden = '42501'

/**
 * The server copies a database that nobody uses by itself, with all that is in it. One in use is made anew from its
 * migrations, and its rows are copied.
 */
export async function copyPostgres(request: CopyRequest): Promise<Copy> {
  const { config, log } = request
  if (!('url' in config)) throw new TypeError('This is no PostgreSQL database.')
  const name = databaseIn(config)
  const copyName = `${name.slice(0, 40)}_rehearsal_${crypto.randomUUID().slice(0, 8)}`
  const copy = withDatabaseName(config, copyName)
  const admin = { config: withDatabaseName(config, 'postgres'), log }
  const remove = () => run(admin, `DROP DATABASE IF EXISTS ${quote(copyName)} WITH (FORCE)`)
  if (await copyWhole(admin, name, copyName)) return { config: copy, lacks: undefined, remove }
  try {
    await copyByRows(request, copy)
  } catch (error) {
    await remove()
    throw error
  }
  return { config: copy, lacks: 'views, triggers and tables that no migration has made', remove }
}

/** Answers false where somebody uses the database; its copy is then made, empty. */
async function copyWhole(admin: Admin, name: string, copyName: string): Promise<boolean> {
  const create = `CREATE DATABASE ${quote(copyName)}`
  try {
    const isFree = !(await isUsed(admin, name)) && (await attemptWhole(admin, create, name))
    if (!isFree) await run(admin, `${create} TEMPLATE template0 ENCODING 'UTF8'`)
    return isFree
  } catch (error) {
    throw refusal(error, admin.config)
  }
}

async function attemptWhole(admin: Admin, create: string, name: string): Promise<boolean> {
  try {
    await run(admin, `${create} TEMPLATE ${quote(name)}`)
    return true
  } catch (error) {
    if (stateOf(error) !== inUse) throw error
    return false
  }
}

/** How often it is looked whether those who have just left are gone. */
const looks = 10
const pauseMs = 50

/** The server would wait for seconds until nobody does, and let nobody in meanwhile. */
async function isUsed({ config, log }: Admin, name: string): Promise<boolean> {
  const query =
    "SELECT 1 FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'"
  let found = false
  await using(config, log, async ({ reader }) => {
    for (let look = 0; look < looks; look += 1) {
      found = (await reader.execute(query, [name])).length > 0
      if (!found) return
      await Bun.sleep(pauseMs)
    }
  })
  return found
}

async function copyByRows({ config, log, copyRows }: CopyRequest, copy: Config): Promise<void> {
  await using(config, log, (from) => using(copy, log, (to) => copyRows(from, to)))
}

interface Admin {
  readonly config: Config
  readonly log: Log
}

/** Runs a statement that no transaction may hold, from beside the database it is about. */
async function run({ config, log }: Admin, statement: string): Promise<void> {
  await using(config, log, (database) =>
    database.exclusively(async (executor) => {
      await executor.execute('SET statement_timeout = 0')
      await executor.execute(statement)
    }),
  )
}

async function using(
  config: DatabaseConfig,
  log: Log,
  work: (database: Database) => Promise<unknown>,
): Promise<void> {
  const database = await openDatabase(config, { log })
  try {
    await work(database)
  } finally {
    await database.close()
  }
}

function databaseIn({ url }: Config): string {
  return decodeURIComponent(new URL(url).pathname.slice(1))
}

function withDatabaseName(config: Config, name: string): Config {
  const url = new URL(config.url)
  url.pathname = `/${encodeURIComponent(name)}`
  return { ...config, url: url.href }
}

function refusal(error: unknown, config: Config): unknown {
  if (stateOf(error) !== forbidden) return error
  const role = decodeURIComponent(new URL(config.url).username)
  return new Problem(
    'forbidden',
    `A rehearsal needs a database for its copy, and ${role} may not make one. Let a superuser run: ALTER ROLE ${quote(role)} CREATEDB`,
    { cause: error },
  )
}

/** The SQLSTATE of the fault, or of what it was caused by. */
function stateOf(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined
  return 'errno' in error ? error.errno : stateOf(error.cause)
}
