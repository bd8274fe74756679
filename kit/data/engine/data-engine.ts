import type { DatabaseConfig } from '#kit/core'
import type { ColumnRow, Database, Executor, Statement, Value } from '#kit/db'
import type { DialectName } from '#kit/model'
import type { ColumnLayout, Layout, TableLayout } from '../layout.ts'
import type { RowValues } from '../row-form.ts'

/** What holds of a database, or does not. */
export interface Finding {
  readonly level: 'ok' | 'warn' | 'fail'
  readonly text: string
  /** What to do about it. */
  readonly repair?: string
}

/** Everything that differs between the engines where rows are moved as a whole. */
export interface DataEngine {
  readonly name: DialectName
  /** The place of the n-th value in a statement, from 1. */
  readonly placeholder: (place: number) => string
  /** Answers the `name` of every table that is not the engine's own. */
  readonly listTables: string
  /** Answers the `name` of every trigger. */
  readonly listTriggers: string
  /** Opens a transaction that sees the data of one moment, whoever writes. */
  readonly beginSnapshot: readonly string[]
  readonly beginWrite: readonly string[]
  /** Readies the connection for long work, outside of any transaction; what it answers puts it back. */
  readonly enter: (executor: Executor) => Promise<() => Promise<void>>
  /** The column such that it sorts as its bytes do. */
  readonly sorted: (column: ColumnLayout) => string
  readonly createInsert: (table: TableLayout) => RowInsert
  /** The last number that the table gave to a row. */
  readonly readNumbering: (executor: Executor, table: string) => Promise<number>
  readonly writeNumbering: (executor: Executor, table: string, last: number) => Promise<void>
  /** Takes these references away; answers the statements that bring them back. */
  readonly suspend: (executor: Executor, references: Layout['circular']) => Promise<string[]>
  /** Names the references that lead nowhere. */
  readonly findOrphans: (executor: Executor) => Promise<readonly string[]>
  /** The statement that copies the whole database into a file; undefined where the engine has none. */
  readonly nativeCopy: Statement | undefined
  /** Runs SQL that somebody typed; the engine refuses it where it writes. */
  readonly query: (
    database: Pick<Database, 'reader' | 'write'>,
    sql: string,
    values: readonly Value[],
  ) => Promise<ColumnRow[]>
  /** Where a database is made; undefined where opening it makes it. */
  readonly creation: (config: DatabaseConfig) => Creation | undefined
  /** What the engine says of itself: version, durability, soundness. */
  readonly inspect: (executor: Executor) => Promise<readonly Finding[]>
}

/** How a database is made that is not there yet. */
export interface Creation {
  /** Of the database that is connected to instead. */
  readonly config: DatabaseConfig
  readonly statement: string
  /** Whether this is what opening it answers while it is not there. */
  readonly isMissing: (error: unknown) => boolean
  /** Whether somebody else has made it in the meantime. */
  readonly isMade: (error: unknown) => boolean
  /** What to do where it is refused. */
  readonly repair: string
}

/** Stores rows of one table, all or none. */
export type RowInsert = (executor: Executor, rows: readonly RowValues[]) => Promise<void>
