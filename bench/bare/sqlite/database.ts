import { Database } from 'bun:sqlite'

/** One connection that writes and one that reads, set as Plinth sets its own. */
export function openDatabase(file: string) {
  const writer = new Database(file, { readwrite: true })
  writer.run('PRAGMA busy_timeout = 5000')
  writer.run('PRAGMA journal_mode = WAL')
  writer.run('PRAGMA synchronous = FULL')
  writer.run('PRAGMA foreign_keys = ON')
  writer.run('PRAGMA temp_store = MEMORY')
  const reader = new Database(file, { readonly: true })
  reader.run('PRAGMA busy_timeout = 5000')
  return { writer, reader }
}
