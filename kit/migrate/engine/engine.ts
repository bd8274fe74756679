import type { Executor } from '#kit/db'
import type { DialectName } from '#kit/model'
import type { Table } from '../snapshot.ts'

/** What the runner asks of an engine. */
export interface Engine {
  readonly name: DialectName
  /** The place of the n-th value in a statement, from 1. */
  readonly placeholder: (place: number) => string
  /** Answers a row where there is a table of the one name given. */
  readonly tableExists: string
  readonly createTable: (table: Table) => readonly string[]
  /** Opens a transaction that no other migration runs beside. */
  readonly begin: readonly string[]
  /**
   * Readies the connection for migrations, outside of any transaction; what it answers puts it back as it was.
   */
  readonly enter: (executor: Executor) => Promise<() => Promise<void>>
  /** Names the references that lead nowhere, within the transaction. */
  readonly findOrphans: (executor: Executor) => Promise<readonly string[]>
}
