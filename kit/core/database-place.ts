import type { DatabaseConfig } from './config.ts'

/** What is to be known of a database before it is opened. */
export interface DatabasePlace {
  /** What people call it: its file, or its server and name. Holds no password. */
  readonly name: string
  /** Whether several processes may write at once without one holding up another. */
  readonly isForManyProcesses: boolean
}

export function databasePlace(database: DatabaseConfig): DatabasePlace {
  if (database.dialect === 'sqlite') return { name: database.file, isForManyProcesses: false }
  const { host, pathname } = new URL(database.url)
  return { name: `${host}${pathname}`, isForManyProcesses: true }
}
