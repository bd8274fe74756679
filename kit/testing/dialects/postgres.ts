import { SQL } from 'bun'
import type { DialectUnderTest, TestDatabase } from './dialect-under-test.ts'
import { hasPostgres, type PostgresServer, startPostgres } from './postgres-server.ts'

interface Running {
  readonly url: string
  readonly admin: SQL
  readonly version: number
}

let started: Promise<Running> | undefined

/** The one server of this run, started at its first use. */
export function postgresServer(): Promise<Running> {
  started ??= startPostgres().then(connect)
  return started
}

async function connect({ url }: PostgresServer): Promise<Running> {
  const admin = new SQL(`${url}/postgres`, { max: 2 })
  const [row] = await admin.unsafe('SHOW server_version_num')
  return { url, admin, version: Number(row.server_version_num) }
}

let made = 0

/** A real server; each test has a database of its own on it. */
export const postgresUnderTest = Object.freeze<DialectUnderTest>({
  name: 'postgres',
  isAvailable: hasPostgres,
  create: async (): Promise<TestDatabase> => {
    const server = await postgresServer()
    made += 1
    const name = `plinth_test_${process.pid}_${made}`
    // Copies the template's files, which is faster than logging them; known from version 15 on.
    const strategy = server.version >= 150_000 ? ' STRATEGY file_copy' : ''
    await server.admin.unsafe(`CREATE DATABASE "${name}"${strategy}`)
    return {
      config: {
        dialect: 'postgres',
        url: `${server.url}/${name}`,
        tls: 'prefer',
        poolMin: 1,
        poolMax: 10,
      },
      remove: async () => {
        await server.admin.unsafe(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`)
      },
    }
  },
})
