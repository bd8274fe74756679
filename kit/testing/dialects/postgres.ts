import { SQL } from 'bun'
import type { DialectUnderTest, TestDatabase } from './dialect-under-test.ts'
import { findPostgresServer, hasPostgres, type PostgresServer } from './postgres-server.ts'

interface Running extends PostgresServer {
  readonly admin: SQL
}

let started: Promise<Running> | undefined

/** The one server of this run, started at its first use. */
export function postgresServer(): Promise<Running> {
  started ??= findPostgresServer().then((server) => ({
    ...server,
    admin: new SQL(`${server.url}/postgres`, { max: 2 }),
  }))
  return started
}

let made = 0
/** Databases that were emptied: making one takes ten times as long. */
const empty: string[] = []

/** A real server; each test has a database of its own on it. */
export const postgresUnderTest = Object.freeze<DialectUnderTest>({
  name: 'postgres',
  isAvailable: hasPostgres,
  start: postgresServer,
  create: async (): Promise<TestDatabase> => {
    const server = await postgresServer()
    const name = empty.pop() ?? (await make(server))
    let isThere = true
    return {
      config: {
        dialect: 'postgres',
        url: `${server.url}/${name}`,
        tls: 'prefer',
        poolMin: 1,
        poolMax: 10,
      },
      remove: async () => {
        if (!isThere) return
        isThere = false
        await (server.own ? clear(server, name) : drop(server, name))
      },
    }
  },
})

async function make({ admin }: Running): Promise<string> {
  made += 1
  const name = `plinth_test_${process.pid}_${made}`
  await admin.unsafe(`CREATE DATABASE "${name}"`)
  return name
}

async function drop({ admin }: Running, name: string): Promise<void> {
  await admin.unsafe(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`)
}

/** Leaves nothing of the test behind: no table, no setting, no connection. */
async function clear(server: Running, name: string): Promise<void> {
  const client = new SQL(`${server.url}/${name}`, { max: 1 })
  try {
    await client.unsafe(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    )
    await client.unsafe(`ALTER DATABASE "${name}" RESET ALL`)
    await client.unsafe('DROP SCHEMA public CASCADE')
    await client.unsafe('CREATE SCHEMA public')
    empty.push(name)
  } catch {
    await drop(server, name)
  } finally {
    await client.close({ timeout: 0 })
  }
}
