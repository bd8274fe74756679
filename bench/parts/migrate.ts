import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { SQL } from 'bun'
import { app } from '#app'
import { createLog } from '#kit/core'
import { type Database, openDatabase } from '#kit/db'
import { createMigrator, type MigrationSet } from '#kit/migrate'
import { toMigrationSets } from '#kit/tool'
import type { Bench } from '../contest.ts'
import type { Finding } from '../finding.ts'
import { makeDatabase } from '../make-database.ts'
import type { Part } from './part.ts'

const rows = 1_000_000

/** What tells a rewritten table from one that was left as it lay. */
interface Storage {
  /** Changes where the table is written anew; undefined where the engine has no such name. */
  readonly node: number | undefined
  readonly bytes: number
}

interface Filled {
  readonly engine: string
  readonly open: () => Promise<Database>
  readonly storage: () => Promise<Storage>
}

/** How long a migration takes that adds an optional column to a large table, and whether it writes the rows anew. */
export const migrate: Part = async (bench) => {
  process.stderr.write('  migrate: filling two databases with 1,000,000 tasks\n')
  const sets = await writeMigration(bench)
  const findings: Finding[] = []
  for (const fill of [fillSqlite, fillPostgres])
    findings.push(await measure(await fill(bench), sets))
  return findings
}

async function measure({ engine, open, storage }: Filled, sets: MigrationSet[]): Promise<Finding> {
  const before = await storage()
  const database = await open()
  const migrator = createMigrator({ database, sets, nowMs: Date.now })
  const fromMs = performance.now()
  const applied = await migrator.up()
  const ms = performance.now() - fromMs
  await database.close()
  if (applied.join() !== added)
    throw new Error(`Applied ${applied.join() || 'nothing'}, not ${added}.`)
  const after = await storage()
  const isRewritten = before.node !== after.node || after.bytes > before.bytes * 1.01
  return {
    title: `add an optional column to 1,000,000 rows, ${engine}`,
    cells: {
      ms: ms.toFixed(0),
      'MB before': (before.bytes / 1e6).toFixed(1),
      'MB after': (after.bytes / 1e6).toFixed(1),
    },
    target: { text: 'no rewrite', isMet: !isRewritten },
    data: { ms, before, after },
  }
}

const added = 'bench/0001-add-priority'

/** The app's migrations and one more, of a set of its own. */
async function writeMigration({ place }: Bench): Promise<MigrationSet[]> {
  const folder = join(place.folder, 'migrations')
  mkdirSync(folder)
  const column = { name: 'priority', kind: 'integer', isOptional: true }
  const migration = {
    message: 'add priority',
    up: [{ op: 'add_column', table: 'tasks', column }],
    down: [{ op: 'drop_column', table: 'tasks', name: 'priority' }],
  }
  await Bun.write(join(folder, '0001-add-priority.json'), JSON.stringify(migration))
  return [...toMigrationSets(app), { name: 'bench', folder, models: [] }]
}

const log = createLog('silent')

async function fillSqlite({ place }: Bench): Promise<Filled> {
  const file = join(place.folder, 'migrated.db')
  await makeDatabase(place, file, { users: 10, tasks: rows })
  return {
    engine: 'SQLite',
    open: () => openDatabase({ dialect: 'sqlite', file }, { log }),
    // The log as well: a table written anew may lie there before it reaches the file.
    storage: async () => ({ node: undefined, bytes: sizeOf(file) + sizeOf(`${file}-wal`) }),
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

async function fillPostgres(bench: Bench): Promise<Filled> {
  const { copiesOf } = await bench.postgres()
  const url = await (await copiesOf(bench.file))()
  const ask = async (text: string) => {
    const client = new SQL(url, { max: 1 })
    const answer: Record<string, unknown>[] = await client.unsafe(text)
    await client.close()
    return answer[0] ?? {}
  }
  await ask(
    `INSERT INTO tasks (user_id, title, created_at, updated_at, completed)
     SELECT u.id, 'Task number ' || n || ': buy milk', now(), now(), false
     FROM (SELECT id FROM users LIMIT 1) u, generate_series(1, ${rows} - (SELECT count(*) FROM tasks)) n`,
  )
  return {
    engine: 'PostgreSQL',
    open: () =>
      openDatabase({ dialect: 'postgres', url, tls: 'prefer', poolMin: 1, poolMax: 2 }, { log }),
    storage: async () => {
      const { node, bytes } = await ask(
        `SELECT pg_relation_filenode('tasks') AS node, pg_total_relation_size('tasks')::text AS bytes`,
      )
      return { node: Number(node), bytes: Number(bytes) }
    },
  }
}
