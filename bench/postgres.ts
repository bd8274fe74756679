import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SQL } from 'bun'
import {
  findPostgresServer,
  hasPostgres,
  startPostgres,
} from '../kit/testing/dialects/postgres-server.ts'
import { runPlinth, urlOf } from './servers.ts'
import { canPin, cores, type Workplace } from './workplace.ts'

/** A PostgreSQL server for the length of the bench, and the databases on it. */
export interface Postgres {
  /** The URL of a database that does not exist yet. */
  readonly newUrl: () => string
  /** Databases with all that this SQLite file holds, each for one server alone. */
  readonly copiesOf: (file: string) => Promise<() => Promise<string>>
  /** Removes them all; the server may be somebody else's. */
  readonly clear: () => Promise<void>
}

export const canHavePostgres = hasPostgres

/** What the tests' server leaves out for the sake of speed, and one in earnest must not. */
const settings = `
fsync = on
synchronous_commit = on
full_page_writes = on
autovacuum = on
shared_buffers = 256MB
max_wal_size = 4GB
`

const told =
  "'server_version', 'fsync', 'synchronous_commit', 'full_page_writes', 'autovacuum', 'wal_sync_method'"

/** Starts it at the first `get`. A server of ours ends with this process, however that ends. */
export function createPostgres(place: Workplace) {
  let started: Promise<Postgres> | undefined
  return {
    get: (): Promise<Postgres> => {
      started ??= start(place)
      return started
    },
    clear: async () => (await started)?.clear(),
  }
}

async function start(place: Workplace): Promise<Postgres> {
  const isGiven = Boolean(process.env['PLINTH_TEST_POSTGRES'])
  const { url } = await (isGiven ? findPostgresServer() : startPostgres({ settings }))
  const admin = new SQL(`${url}/postgres`, { max: 1 })
  if (!isGiven && canPin) await pin(admin)
  process.stderr.write(`  PostgreSQL: ${await describeSettings(admin)}\n`)
  const names: string[] = []
  const newName = () => {
    const name = `plinth_bench_${process.pid}_${names.length}`
    names.push(name)
    return name
  }
  return {
    clear: async () => {
      for (const name of names) await admin.unsafe(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`)
      await admin.close()
    },
    newUrl: () => `${url}/${newName()}`,
    copiesOf: async (file) => {
      const seed = newName()
      await runPlinth(place, ['db', 'copy', '--from', urlOf(file), '--to', `${url}/${seed}`])
      await analyze(`${url}/${seed}`)
      return async () => {
        const name = newName()
        await admin.unsafe(`CREATE DATABASE "${name}" TEMPLATE "${seed}"`)
        await admin.unsafe('CHECKPOINT')
        return `${url}/${name}`
      }
    },
  }
}

/** To the generator's core, so that the server measured has its own. */
async function pin(admin: SQL): Promise<void> {
  const [row]: { data_directory?: string }[] = await admin.unsafe('SHOW data_directory')
  const [pid = ''] = readFileSync(join(row?.data_directory ?? '', 'postmaster.pid'), 'utf8').split(
    '\n',
  )
  const children = Bun.spawnSync(['pgrep', '-P', pid]).stdout.toString().split('\n').filter(Boolean)
  for (const process of [pid, ...children])
    Bun.spawnSync(['taskset', '-cp', String(cores[1]), process])
}

async function describeSettings(admin: SQL): Promise<string> {
  const rows: { name: string; setting: string }[] = await admin.unsafe(
    `SELECT name, setting FROM pg_settings WHERE name IN (${told}) ORDER BY name`,
  )
  return rows.map(({ name, setting }) => `${name} ${setting}`).join(', ')
}

async function analyze(url: string): Promise<void> {
  const client = new SQL(url, { max: 1 })
  await client.unsafe('VACUUM ANALYZE')
  await client.close()
}
