import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Log, Problem } from '#kit/core'
import type { Database } from '../../types.ts'
import { SqliteChanges } from './changes.ts'
import { SqliteConnection } from './connection.ts'
import { sqliteDialect } from './dialect.ts'
import type { WriterOptions } from './job.ts'
import { SqliteReader } from './reader.ts'
import { Writer } from './writer.ts'

export type SqliteOptions = Omit<WriterOptions, 'onCommitted'>

/**
 * Opens a SQLite file, making it and its folder if need be. Throws `unavailable` with one line that says
 * what to mend where that cannot be done; the file is then as it was.
 */
export function openSqlite(file: string, options: SqliteOptions): Database {
  makeFolder(file)
  const connection = openWriter(file)
  const reader = openReader(file, connection)
  const changes = new SqliteChanges(connection)
  const writer = new Writer(connection, {
    ...options,
    onCommitted: reader.letGo,
    onWritten: (written) => changes.publish(written),
    onUnseen: () => changes.tellGap(),
  })
  return {
    dialect: sqliteDialect,
    reader,
    write: (name, work, limits) => writer.write(name, work, limits),
    exclusively: (work) => writer.exclusively(work),
    watch: (watcher) => changes.watch(watcher),
    ping: async () => void reader.execute('SELECT 1'),
    close: async () => {
      changes.close()
      await writer.close()
      reader.close()
      closeWriter(connection, options.log)
    },
  }
}

function closeWriter(connection: SqliteConnection, log: Log): void {
  try {
    connection.execute('PRAGMA wal_checkpoint(TRUNCATE)')
  } catch (error) {
    // The write-ahead log holds all that was committed; the next start reads it.
    log.warn({ err: error }, 'the database was not checkpointed')
  }
  connection.close()
}

function makeFolder(file: string): void {
  const folder = dirname(file)
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(existsSync(file) ? file : folder, constants.R_OK | constants.W_OK)
  } catch (cause) {
    throw new Problem(
      'unavailable',
      `The database ${file} cannot be written to. Give this user the right to write to ${folder}, or name another file in DATABASE_URL.`,
      { cause },
    )
  }
}

function openWriter(file: string): SqliteConnection {
  const connection = guard(file, () => new SqliteConnection(file, true))
  try {
    guard(file, () => {
      connection.execute('PRAGMA busy_timeout = 5000')
      connection.execute('PRAGMA journal_mode = WAL')
      connection.execute('PRAGMA synchronous = FULL')
      connection.execute('PRAGMA foreign_keys = ON')
      // Else INSERT OR REPLACE would delete what a trigger keeps from deletion.
      connection.execute('PRAGMA recursive_triggers = ON')
      connection.execute('PRAGMA temp_store = MEMORY')
      connection.execute('SELECT count(*) FROM sqlite_master')
      // From here on the queue waits for another process's lock, and without blocking the event loop.
      connection.execute('PRAGMA busy_timeout = 5')
    })
  } catch (error) {
    connection.close()
    throw error
  }
  return connection
}

function openReader(file: string, writer: SqliteConnection): SqliteReader {
  try {
    const reader = guard(file, () => new SqliteConnection(file, false))
    reader.execute('PRAGMA busy_timeout = 5000')
    // At most 64 MiB, taken only by a database that is as large: of a million rows, one by its id took 2.2 µs in place of
    // 3.7 with 16 MiB.
    reader.execute('PRAGMA cache_size = -65536')
    return new SqliteReader(reader)
  } catch (error) {
    writer.close()
    throw error
  }
}

const repairs: readonly (readonly [RegExp, (file: string) => string])[] = [
  [
    /not an SQLite database/,
    (file) =>
      `${file} is not an SQLite database. Name another file in DATABASE_URL, or move this one away.`,
  ],
  [
    /damaged/,
    (file) => `${file} is damaged. Restore it from a backup, or name another file in DATABASE_URL.`,
  ],
  [
    /busy/,
    (file) =>
      `${file} is locked by another process. Stop that one, or name another file in DATABASE_URL.`,
  ],
  [/full/, (file) => `The disk that holds ${file} is full. Make room and start again.`],
]

function guard<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const repair = repairs.find(([pattern]) => pattern.test(error.detail))
    const detail = repair
      ? repair[1](file)
      : `The database ${file} cannot be opened. See that it is a file this user may read and write, in a folder he may write to.`
    throw new Problem('unavailable', detail, { cause: error })
  }
}
