import type { DialectAdapter, Expression, Kysely, QueryCompiler, RawBuilder } from 'kysely'
import type { Actor, AnyModel, DialectName, FileValue, Repositories, Row } from '#kit/model'
import type { AuditDraft } from './audit/audit-draft.ts'
import type { RowChange, WatchChanges } from './changes/row-change.ts'

export type Value = string | number | bigint | boolean | null | Uint8Array
export type ColumnRow = Record<string, unknown>
/** SQLite answers at once, PostgreSQL later; `await` takes both. */
export type Awaitable<T> = T | Promise<T>

/** SQL compiled once. Compared by identity: each connection prepares it at its first use and keeps it. */
export interface Statement {
  readonly sql: string
  /** For a statement with named values: their names, in the order of the placeholders. */
  readonly slots: readonly string[]
}

/**
 * Runs statements. Values come out as SQLite would have them: an integer as a number (one beyond 2^53 is refused), an
 * instant or a date as its text. Database faults come out as Problems (`conflict`, `unavailable`).
 */
export interface Executor {
  readonly isWritable: boolean
  all(statement: Statement, values: readonly Value[]): Awaitable<ColumnRow[]>
  /** The number of rows changed. */
  run(statement: Statement, values: readonly Value[]): Awaitable<number>
  /** SQL whose shape is not known beforehand: prepared anew each time. For migrations and `query`. */
  execute(sql: string, values?: readonly Value[]): Awaitable<ColumnRow[]>
  /** As `execute`, for SQL that answers no rows: how many it changed. */
  executeChange(sql: string, values?: readonly Value[]): Awaitable<number>
}

/**
 * One unit of work: its writes are all kept or none, and it sees what it would if it ran alone. A statement that the
 * database refuses ends it: whatever the work makes of that, nothing is kept.
 */
export interface Unit extends Executor {
  readonly name: string
  /** Runs after the commit; not at all where the unit fails. */
  afterCommit(action: () => void): void
  /** Notes a write for the audit trail: its entry is kept with the unit, or not at all. */
  record(draft: AuditDraft): Awaitable<void>
  /** Notes a write for those who watch: they are told after the commit. */
  note(change: RowChange): void
}

export interface WriteOptions {
  /** How long the unit may take, where the usual time does not suffice: an import. */
  readonly limitMs?: number | undefined
}

/** Everything that differs between the engines. */
export interface Dialect {
  readonly name: DialectName
  /** A Kysely that only compiles. */
  readonly compiler: Kysely<Record<string, ColumnRow>>
  readonly createAdapter: () => DialectAdapter
  readonly createQueryCompiler: () => QueryCompiler
  /** Ends the SELECT that a change starts with: locks the row, where the engine needs it. */
  readonly lockRow: Expression<unknown> | undefined
  /**
   * Whether a statement that reads may change rows, too, in its common table expressions: to learn how a row was then
   * costs no journey of its own.
   */
  readonly changesInsideRead: boolean
  /** The text with A–Z as a–z: what an index without regard to case is on. */
  readonly fold: (text: Expression<unknown>) => RawBuilder<string>
  /** Whether the text holds the part, A–Z and a–z being the same. */
  readonly contains: (text: Expression<unknown>, part: Expression<unknown>) => RawBuilder<boolean>
  /**
   * SQL of two values, a table and an id: from then on the database gives no new row of it an id up to that one.
   * Undefined where it sees to that itself when a row is inserted with its id.
   */
  readonly raiseNumbering: string | undefined
  /** A value of a hand-written query as the driver takes it. */
  readonly encodeParameter: (value: unknown) => unknown
}

export interface Database {
  readonly dialect: Dialect
  /** All models with tables in it, as they were told when it was opened. */
  readonly models?: readonly AnyModel[] | undefined
  /** Sees what is committed. Refuses to write. */
  readonly reader: Executor
  /**
   * Runs one unit of work and resolves when it is durable on disk. Rejects with what the work threw, its
   * writes rolled back; others are not touched. A unit that takes too long (SQLite: a second; PostgreSQL: ten) is
   * aborted (`unavailable`) and named in the log.
   *
   * `work` may be called again, everything rolled back: on PostgreSQL, which runs units side by side, where it stood in
   * the way of another or the connection was cut before the commit; on SQLite where a unit beside it failed after it had
   * written. It must change nothing but the database, and what it keeps outside of itself it must keep in `afterCommit`.
   * Where the connection is cut during the commit the outcome is not
   * known: that rejects with `unavailable` and is never repeated.
   */
  write<T>(name: string, work: (unit: Unit) => Awaitable<T>, options?: WriteOptions): Promise<T>
  /**
   * Runs `work` outside of any transaction of ours, alone among all that runs so, in any process: for migrations,
   * which open their own. On SQLite it is the only writer, once all earlier units are committed.
   */
  exclusively<T>(work: (executor: Executor) => Awaitable<T>): Promise<T>
  /** Tells what units commit, here and in other processes. While nobody watches, units do hardly anything for it. */
  readonly watch: WatchChanges
  /** Throws `unavailable` where the database does not answer. */
  ping(): Promise<void>
  /** Finishes the units that are queued, commits, checkpoints, closes. */
  close(): Promise<void>
}

/** A file that a row held. */
export interface DroppedFile {
  readonly table: string
  readonly field: string
  readonly id: string
  readonly value: FileValue
}

/** What the repositories of one request share. */
export interface Binding {
  readonly executor: Executor
  readonly actor: Actor
  readonly nowMs: () => number
  /** `If-Match` of the request: a change or removal of this row must find this entity tag. */
  readonly precondition?:
    | {
        readonly table: string
        /** Undefined: whichever row of the table is changed. */
        readonly id: string | undefined
        readonly tags: readonly string[]
      }
    | undefined
  /** Told after the commit of each file that no row holds any more. */
  readonly onDropped?: ((file: DroppedFile) => void) | undefined
  /** For the audit trail. */
  readonly requestId?: string | undefined
  /** The audit entry that the writes undo. */
  readonly undoes?: string | undefined
}

type Rows<M extends AnyModel> = { [T in M as T['table']]: Row<T> }

/** Kysely over these models' tables, the actor's policies compiled into every statement. */
export type Query = <Ms extends readonly AnyModel[]>(
  ...models: Ms
) => Pick<
  Kysely<Rows<Ms[number]>>,
  'selectFrom' | 'updateTable' | 'deleteFrom' | 'with' | 'withRecursive' | 'fn' | 'case' | 'dynamic'
>

export interface BoundRepositories extends Repositories {
  readonly query: Query
}
