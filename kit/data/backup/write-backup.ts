import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { toInstant } from '#kit/core'
import type { Database } from '#kit/db'
import { assertLoaded, type MigrationSet } from '#kit/migrate'
import { createDigest } from '../digest.ts'
import { type Layout, readLayout } from '../layout.ts'
import { createPace, type WorkOptions } from '../progress.ts'
import { countRows, lastNumber, readBatches } from '../read-batches.ts'
import { type Connection, inSnapshot, onConnection } from '../transaction.ts'
import { type BackupHeader, formatVersion, type Manifest } from './format.ts'
import { writeWhole } from './whole-file.ts'

export interface BackupOptions extends WorkOptions {
  readonly database: Pick<Database, 'dialect' | 'reader' | 'exclusively'>
  readonly sets: readonly MigrationSet[]
  /** The app's name. */
  readonly app: string
  readonly nowMs: () => number
  readonly file: string
}

export interface BackupReport {
  readonly tables: Manifest
  /** Tables that no migration of the app has made: they are not in it. */
  readonly foreign: readonly string[]
  readonly bytes: number
}

/**
 * Writes a backup of one moment while others read and write. Throws `conflict` where the file is there already, the
 * database is ahead of the code or holds a load that was not finished, `interrupted` where it was stopped; there is no file then.
 */
export async function writeBackup(options: BackupOptions): Promise<BackupReport> {
  await assertLoaded(options.database)
  return onConnection(options.database, (connection) =>
    inSnapshot(connection, async () => {
      const { executor, engine } = connection
      const layout = await readLayout({ executor, engine, sets: options.sets })
      const header = await toHeader(connection, layout, options)
      const tables: Manifest = []
      const bytes = await writeWhole(options.file, (temporary) =>
        pipeline(
          Readable.from(content(connection, { layout, header, tables, options })),
          createGzip({ level: 4 }),
          createWriteStream(temporary),
        ),
      )
      return { tables, foreign: layout.foreign, bytes }
    }),
  )
}

async function toHeader(
  { executor, engine }: Connection,
  { migrations, tables }: Layout,
  { app, nowMs }: BackupOptions,
): Promise<BackupHeader> {
  const listed: BackupHeader['tables'] = []
  for (const { name, columns } of tables) {
    const rows = await countRows(executor, name)
    listed.push({ name, columns: columns.map((column) => column.name), rows })
  }
  return {
    plinth_backup: formatVersion,
    app,
    engine: engine.name,
    made_at: toInstant(nowMs()),
    migrations: [...migrations],
    tables: listed,
  }
}

interface Content {
  readonly layout: Layout
  readonly header: BackupHeader
  /** Filled as the tables are read. */
  readonly tables: Manifest
  readonly options: WorkOptions
}

async function* content(
  connection: Connection,
  { layout, header, tables, options }: Content,
): AsyncGenerator<string> {
  yield `${JSON.stringify(header)}\n`
  for (const table of layout.tables) {
    yield `${JSON.stringify({ table: table.name })}\n`
    const total = header.tables.find(({ name }) => name === table.name)?.rows ?? 0
    const pace = createPace(options, { phase: 'reading', table: table.name, rows: 0, total })
    const digest = createDigest()
    for await (const { lines } of readBatches(connection.executor, { ...connection, table })) {
      digest.add(lines)
      yield `${lines.join('\n')}\n`
      pace.advance(lines.length)
    }
    const last = await lastNumber(connection.executor, { ...connection, table })
    tables.push({ name: table.name, ...digest.finish(), last })
  }
  yield `${JSON.stringify({ manifest: tables })}\n`
}
