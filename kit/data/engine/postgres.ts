import type { DatabaseConfig } from '#kit/core'
import type { ColumnRow, Executor } from '#kit/db'
import { fieldKinds } from '#kit/model'
import type { ColumnLayout, Layout, TableLayout } from '../layout.ts'
import type { Creation, DataEngine, Finding, RowInsert } from './data-engine.ts'
import { quote, readOne, toStatement } from './sql-text.ts'

export const postgresData: DataEngine = Object.freeze({
  name: 'postgres',
  placeholder: (place) => `$${place}`,
  listTables: 'SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()',
  listTriggers: `SELECT tgname AS name FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE tgenabled <> 'D' AND relnamespace = current_schema()::regnamespace`,
  // Neither limit is for work on the whole of the data; they end with the transaction.
  beginSnapshot: ['BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', ...unlimited()],
  beginWrite: ['BEGIN', ...unlimited()],
  enter: async () => async () => {},
  sorted: (column) =>
    typeOf(column) === 'text' ? `${quote(column.name)} COLLATE "C"` : quote(column.name),
  createInsert,
  readNumbering: async (executor, table) => {
    const row = await readSequence(executor, table)
    return row['is_called'] === true ? Number(row['last_value']) : 0
  },
  writeNumbering: async (executor, table, last) => {
    if (last < 1) return
    const set = `SELECT setval(pg_get_serial_sequence($1::text, 'id'), $2::bigint)`
    await executor.execute(set, [quote(table), last])
  },
  suspend,
  // Its references are never switched off, so none leads nowhere.
  findOrphans: async () => [],
  nativeCopy: undefined,
  query: (database, sql, values) =>
    database.write('query', async (unit) => {
      await unit.execute('SET TRANSACTION READ ONLY')
      return unit.execute(sql, values)
    }),
  creation,
  inspect,
} satisfies DataEngine)

function unlimited(): string[] {
  return ['SET LOCAL statement_timeout = 0', 'SET LOCAL idle_in_transaction_session_timeout = 0']
}

function typeOf({ kind }: ColumnLayout): string {
  // A serial's type says too that the database numbers it, which is for tables alone.
  return (kind.isSerial ? fieldKinds['integer'] : kind)?.column.postgres ?? 'text'
}

/** One value for all rows: a statement of its own size for every batch would be prepared anew each time. */
function createInsert(table: TableLayout): RowInsert {
  const names = table.columns.map(({ name }) => quote(name))
  const types = table.columns.map((column) => `${quote(column.name)} ${typeOf(column)}`)
  const insert = toStatement(
    `INSERT INTO ${quote(table.name)} (${names.join(', ')}) ` +
      `SELECT ${names.join(', ')} FROM json_to_recordset($1::text::json) AS given (${types.join(', ')})`,
  )
  const keys = table.columns.map(({ name }) => name)
  return async (executor, rows) => {
    const objects = rows.map((row) =>
      Object.fromEntries(keys.map((key, place) => [key, row[place]])),
    )
    await executor.run(insert, [JSON.stringify(objects)])
  }
}

async function readSequence(executor: Executor, table: string): Promise<ColumnRow> {
  const find = `SELECT pg_get_serial_sequence($1::text, 'id') AS name`
  const [found] = await executor.execute(find, [quote(table)])
  const [row] = await executor.execute(`SELECT last_value, is_called FROM ${found?.['name']}`)
  return row ?? {}
}

const findConstraint =
  'SELECT c.conname AS name, pg_get_constraintdef(c.oid) AS definition FROM pg_constraint c ' +
  'JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] ' +
  `WHERE c.contype = 'f' AND c.conrelid = to_regclass($1::text) AND a.attname = $2::text`

async function suspend(executor: Executor, references: Layout['circular']): Promise<string[]> {
  const steps: string[] = []
  for (const { from, column } of references) {
    for (const row of await executor.execute(findConstraint, [quote(from), column])) {
      const name = quote(String(row['name']))
      await executor.execute(`ALTER TABLE ${quote(from)} DROP CONSTRAINT ${name}`)
      steps.push(`ALTER TABLE ${quote(from)} ADD CONSTRAINT ${name} ${row['definition']}`)
    }
  }
  return steps
}

function creation(config: DatabaseConfig): Creation | undefined {
  if (!('url' in config)) return undefined
  const url = new URL(config.url)
  const name = decodeURIComponent(url.pathname.slice(1))
  url.pathname = '/postgres'
  return {
    config: { ...config, url: url.href },
    // Of the bare template, since the usual one may be in an encoding that cannot hold every text.
    statement: `CREATE DATABASE ${quote(name)} ENCODING 'UTF8' TEMPLATE template0`,
    isMissing: (error) => stateOf(error) === '3D000',
    isMade: (error) => stateOf(error) === '42P04',
    repair: `Let somebody who may run: CREATE DATABASE ${quote(name)} OWNER ${quote(decodeURIComponent(url.username))}`,
  }
}

/** The SQLSTATE of the fault, or of what it was caused by. */
function stateOf(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined
  return 'errno' in error ? error.errno : stateOf(error.cause)
}

async function inspect(executor: Executor): Promise<Finding[]> {
  const version = await readOne(executor, 'SHOW server_version')
  const encoding = await readOne(executor, 'SHOW server_encoding')
  const commit = await readOne(executor, 'SHOW synchronous_commit')
  return [
    { level: 'ok', text: `PostgreSQL ${version}` },
    encoding === 'UTF8'
      ? { level: 'ok', text: 'texts are kept in UTF-8' }
      : {
          level: 'fail',
          text: `texts are kept in ${encoding}, which cannot hold all of them`,
          repair: "Make another database with ENCODING 'UTF8': plinth db init does.",
        },
    commit === 'off'
      ? {
          level: 'warn',
          text: 'synchronous_commit is off: what is committed may be lost',
          repair: 'Set synchronous_commit = on.',
        }
      : { level: 'ok', text: 'a commit is on disk before it is answered' },
  ]
}
