import { Problem } from '#kit/core'
import type { Database } from '#kit/db'
import { endLoad, type MigrationSet } from '#kit/migrate'
import { finishLoad } from '../finish-load.ts'
import { type Layout, readLayout } from '../layout.ts'
import { markLoad, unmark } from '../mark-load.ts'
import { assertMigrated, migrateTo } from '../migrate-to.ts'
import type { WorkOptions } from '../progress.ts'
import type { RowValues } from '../row-form.ts'
import { assertEmpty, removeRows, storeRows } from '../store-rows.ts'
import { type Connection, inWrite, onConnection } from '../transaction.ts'
import type { BackupHeader } from './format.ts'
import { damaged } from './read-backup.ts'
import { type BackupContents, readWhole } from './read-whole.ts'

/** Reads a backup from end to end: nothing but the file is needed. Throws `invalid` where it is damaged. */
export async function verifyBackup(
  file: string,
  options: WorkOptions = {},
): Promise<BackupContents> {
  return readWhole(file, { phase: 'reading', options, onRows: async () => {} })
}

export interface RestoreOptions extends WorkOptions {
  readonly database: Pick<Database, 'dialect' | 'reader' | 'exclusively'>
  readonly sets: readonly MigrationSet[]
  readonly nowMs: () => number
  readonly file: string
  /** What `verifyBackup` has answered for the file; it is read here where that was not asked. */
  readonly contents?: BackupContents
}

/**
 * Brings an empty database to where the backup's was, rows and migrations. Throws `conflict` where there are rows in
 * it, where this code lacks a migration of the backup, or where what was stored is not what the backup holds: there
 * are no rows in the database then.
 */
export async function restoreBackup(options: RestoreOptions): Promise<BackupContents> {
  const { database, file } = options
  const contents = options.contents ?? (await verifyBackup(file, options))
  await onConnection(database, async (connection) => {
    await assertEmpty(connection)
    const load = { command: 'plinth db restore', source: file }
    await markLoad(connection, load, options.nowMs())
  })
  await fill(contents, options).catch(unmark((work) => onConnection(database, work)))
  return contents
}

async function fill(contents: BackupContents, options: RestoreOptions): Promise<void> {
  const applied = await migrateTo(contents.header.migrations, options)
  await onConnection(options.database, (connection) =>
    inWrite(connection, async () => {
      if (applied.length === 0) await assertEmpty(connection)
      await load(connection, contents, options)
      await endLoad(connection)
    }),
  )
}

async function load(
  connection: Connection,
  { header, manifest }: BackupContents,
  options: RestoreOptions,
): Promise<void> {
  const { executor, engine } = connection
  const layout = await readLayout({ executor, engine, sets: options.sets })
  assertMigrated(layout, header.migrations)
  assertColumns(layout, header)
  const references = await engine.suspend(executor, layout.circular)
  // What migrations themselves have put in is in the backup too.
  await removeRows(executor, layout)
  const stores = new Map(
    layout.tables.map((table) => [table.name, { table, insert: engine.createInsert(table) }]),
  )
  await readWhole(options.file, {
    phase: 'writing',
    options,
    onRows: async (name, lines) => {
      const store = stores.get(name)
      if (!store) throw damaged(options.file, `its table ${name} is not in its header`)
      const rows = lines.map((line) => JSON.parse(line) as RowValues)
      await storeRows(executor, store, rows)
    },
  })
  await finishLoad(connection, { layout, expected: manifest, references, options })
}

/** The same migrations make the same tables; another version of the kit might yet order them in another way. */
function assertColumns({ tables }: Layout, header: BackupHeader): void {
  const own = tables.map(({ name, columns }) => `${name} ${columns.map((each) => each.name)}`)
  const given = header.tables.map(({ name, columns }) => `${name} ${columns}`)
  if (own.sort().join() === given.sort().join()) return
  throw new Problem(
    'conflict',
    'The tables of the backup are not those that its migrations make here. Restore it with the version of Plinth that made it.',
  )
}
