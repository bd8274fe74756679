import type { Executor } from '#kit/db'
import type { TableLayout } from '../layout.ts'
import { createEncoder } from '../row-form.ts'
import type { DataEngine, Finding, RowInsert } from './data-engine.ts'
import { quote, readOne, toStatement } from './sql-text.ts'

export const sqliteData: DataEngine = Object.freeze({
  name: 'sqlite',
  placeholder: () => '?',
  listTables:
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
  listTriggers: "SELECT name FROM sqlite_master WHERE type = 'trigger'",
  // What the first statement sees is what all see.
  beginSnapshot: ['BEGIN'],
  beginWrite: ['BEGIN IMMEDIATE'],
  enter,
  sorted: ({ name }) => quote(name),
  createInsert,
  readNumbering: async (executor, table) => {
    const rows = await executor.execute('SELECT seq FROM sqlite_sequence WHERE name = ?', [table])
    return Number(rows[0]?.['seq'] ?? 0)
  },
  writeNumbering: async (executor, table, last) => {
    await executor.executeChange('DELETE FROM sqlite_sequence WHERE name = ?', [table])
    const insert = 'INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)'
    await executor.executeChange(insert, [table, last])
  },
  // They are off altogether while `enter` holds; `findOrphans` makes up for it.
  suspend: async () => [],
  findOrphans: async (executor) => {
    const rows = await executor.execute(
      'SELECT "table" AS name, parent, count(*) AS rows FROM pragma_foreign_key_check GROUP BY 1, 2',
    )
    return rows.map((row) => `${row['rows']} of ${row['name']} to ${row['parent']}`)
  },
  nativeCopy: toStatement('VACUUM INTO ?'),
  query: async ({ reader }, sql, values) => reader.execute(sql, values),
  creation: () => undefined,
  inspect,
} satisfies DataEngine)

/** Foreign keys can be switched outside of a transaction only. */
async function enter(executor: Executor): Promise<() => Promise<void>> {
  const busy = Number(await readOne(executor, 'PRAGMA busy_timeout'))
  await executor.execute('PRAGMA busy_timeout = 30000')
  await executor.execute('PRAGMA foreign_keys = OFF')
  return async () => {
    await executor.execute('PRAGMA foreign_keys = ON')
    await executor.execute(`PRAGMA busy_timeout = ${busy}`)
  }
}

function createInsert(table: TableLayout): RowInsert {
  const names = table.columns.map(({ name }) => quote(name)).join(', ')
  const places = table.columns.map(() => '?').join(', ')
  const insert = toStatement(`INSERT INTO ${quote(table.name)} (${names}) VALUES (${places})`)
  const encode = createEncoder(table, 'sqlite')
  return async (executor, rows) => {
    for (const row of rows) await executor.run(insert, encode(row))
  }
}

async function inspect(executor: Executor): Promise<Finding[]> {
  const version = await readOne(executor, 'SELECT sqlite_version()')
  const journal = await readOne(executor, 'PRAGMA journal_mode')
  const isSynced = Number(await readOne(executor, 'PRAGMA synchronous')) >= 2
  const damage = await readOne(executor, 'PRAGMA integrity_check(1)')
  return [
    { level: 'ok', text: `SQLite ${version}` },
    isSynced && journal === 'wal'
      ? { level: 'ok', text: 'a commit is on disk before it is answered (WAL, synchronous=FULL)' }
      : {
          level: 'warn',
          text: `journal_mode is ${journal}: what is committed may be lost with the power`,
          repair: 'Keep the file on a local disk.',
        },
    damage === 'ok'
      ? { level: 'ok', text: 'the file is sound (integrity_check)' }
      : {
          level: 'fail',
          text: `the file is damaged: ${damage}`,
          repair: 'Restore a backup into another file.',
        },
  ]
}
