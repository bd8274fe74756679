import type { DatabaseConfig } from './config.ts'

/** What is to be known of a database before it is opened. */
export interface DatabasePlace {
  /** What people call it: its file or its server. Holds no password. */
  readonly name: string
  /** Whether several processes may write at once without one holding up another. */
  readonly isForManyProcesses: boolean
}

export function databasePlace(database: DatabaseConfig): DatabasePlace {
  return database.dialect === 'sqlite'
    ? { name: database.file, isForManyProcesses: false }
    : { name: new URL(database.url).host, isForManyProcesses: true }
}
