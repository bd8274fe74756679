import type { Executor } from '#kit/db'
import type { DialectName } from '#kit/model'
import type { Snapshot, Table } from '../snapshot.ts'

/** How long a migration waits, in milliseconds. */
export interface Patience {
  /** While another process migrates. */
  readonly turnMs: number
  /** For one table that somebody else uses, where an engine locks tables one by one. */
  readonly lockMs: number
}

/** What of the database a transaction holds, and where each table's rows lie. */
export interface Observation {
  /** The strongest lock by table: `ACCESS EXCLUSIVE`. Empty where the engine locks the whole database. */
  readonly locks: Readonly<Record<string, string>>
  /** Another value than before: the table was written anew. */
  readonly places: Readonly<Record<string, string>>
}

/** A table as the database itself describes it: equal descriptions are equal as data. */
export interface TableDescription {
  readonly name: string
  readonly [part: string]: unknown
}

/** What the runner asks of an engine. */
export interface Engine {
  readonly name: DialectName
  /** The place of the n-th value in a statement, from 1. */
  readonly placeholder: (place: number) => string
  /** Answers a row where there is a table of the one name given. */
  readonly tableExists: string
  readonly createTable: (table: Table) => readonly string[]
  /**
   * Opens a transaction that no other migration runs beside. Waits for its turn without blocking the event
   * loop; throws `unavailable` where that does not come.
   */
  readonly begin: (executor: Executor, patience: Patience) => Promise<void>
  /**
   * Readies the connection for migrations, outside of any transaction; what it answers puts it back as it was.
   */
  readonly enter: (executor: Executor) => Promise<() => Promise<void>>
  /** What `enter` does, and what puts it back, for a script that somebody runs by hand. */
  readonly scriptAround: readonly [before: readonly string[], after: readonly string[]]
  /** Names the references that lead nowhere, within the transaction whose tables are these now. */
  readonly findOrphans: (executor: Executor, after: Snapshot) => Promise<readonly string[]>
  /**
   * What an operator should know about a fault, asked once its transaction is rolled back: who holds the table.
   * Undefined where the fault speaks for itself.
   */
  readonly explain: (executor: Executor, fault: unknown) => Promise<string | undefined>
  /** Every table but `plinth_migrations`, by name. */
  readonly describe: (executor: Executor) => Promise<TableDescription[]>
  /** A quoted column as text that differs wherever its values do. */
  readonly asText: (column: string) => string
  readonly observe: (executor: Executor) => Promise<Observation>
}
