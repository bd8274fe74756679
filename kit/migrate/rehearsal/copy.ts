import type { DatabaseConfig, Log } from '#kit/core'
import type { Database } from '#kit/db'

/** A copy of a database, to try things on. */
export interface Copy {
  readonly config: DatabaseConfig
  /** What is not in it though it is in the original. Undefined where nothing is missing. */
  readonly lacks: string | undefined
  remove(): Promise<void>
}

export interface CopyRequest {
  readonly config: DatabaseConfig
  readonly log: Log
  /** Copies all rows into a database just made; asked where an engine cannot copy one that is in use. */
  readonly copyRows: (from: Database, to: Database) => Promise<void>
}

/** Copies a database while others may read and write it. The original is not changed. */
export type MakeCopy = (request: CopyRequest) => Promise<Copy>
