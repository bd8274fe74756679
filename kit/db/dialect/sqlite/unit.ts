import { type Log, Problem, settled } from '#kit/core'
import type { AuditDraft } from '../../audit/audit-draft.ts'
import type { EntryUnit } from '../../audit/audit-entry.ts'
import type { RowChange } from '../../changes/row-change.ts'
import { UnitChanges } from '../../changes/unit-changes.ts'
import type { Awaitable, ColumnRow, Statement, Unit, Value } from '../../types.ts'
import type { SqliteConnection } from './connection.ts'
import type { SqliteTrail, TrailMark } from './trail.ts'

/** One unit of work on the writing connection. Usable until it is closed. */
export class SqliteUnit implements Unit {
  readonly isWritable = true
  readonly name: string
  isAborted = false
  /** Whether there may be something to undo. */
  hasWritten = false
  readonly changes = new UnitChanges()
  readonly #connection: SqliteConnection
  readonly #trail: SqliteTrail
  readonly #mark: TrailMark
  #entryUnit: EntryUnit | undefined
  #isOpen = true
  #fault: { readonly error: unknown } | undefined
  #afterCommit: (() => void)[] | undefined
  #reject: ((error: Problem) => void) | undefined

  constructor(name: string, connection: SqliteConnection, trail: SqliteTrail) {
    this.name = name
    this.#connection = connection
    this.#trail = trail
    this.#mark = trail.mark
  }

  all(statement: Statement, values: readonly Value[]): ColumnRow[] {
    return this.#within(statement.sql, (connection) => connection.all(statement, values))
  }

  run(statement: Statement, values: readonly Value[]): number {
    return this.#within(statement.sql, (connection) => connection.run(statement, values))
  }

  execute(sql: string, values?: readonly Value[]): ColumnRow[] {
    return this.#within(sql, (connection) => connection.execute(sql, values))
  }

  executeChange(sql: string, values?: readonly Value[]): number {
    return this.#within(sql, (connection) => connection.executeChange(sql, values))
  }

  /** Stores the entry at once: it is rolled back together with what it tells of. */
  record(draft: AuditDraft): void {
    this.#within('insert', () => {
      this.#entryUnit ??= { name: this.name, seq: this.#trail.nextSeq }
      this.#trail.append(draft, this.#entryUnit)
    })
  }

  note(change: RowChange): void {
    this.changes.note(change)
  }

  afterCommit(action: () => void): void {
    this.#afterCommit ??= []
    this.#afterCommit.push(action)
  }

  /** Runs the work. Where it is not done at once, `abort` ends the wait for it. */
  perform<T>(work: (unit: Unit) => Awaitable<T>): Awaitable<T> {
    const result = settled(work(this))
    if (!(result instanceof Promise)) return result
    return new Promise<T>((resolve, reject) => {
      this.#reject = reject
      result.then(resolve, reject)
    })
  }

  /** Throws the fault of a statement that failed, even where the work went on. */
  assertSound(): void {
    if (this.#fault) throw this.#fault.error
  }

  abort(): void {
    this.isAborted = true
    this.#reject?.(new Problem('unavailable', 'The request took too long to write.', retry))
  }

  close(): void {
    this.#isOpen = false
  }

  /** For a unit of which nothing is kept. */
  drop(): void {
    this.#afterCommit = undefined
    this.changes.clear()
    this.#trail.goBack(this.#mark)
  }

  runAfterCommit(log: Log): void {
    for (const action of this.#afterCommit ?? []) {
      try {
        action()
      } catch (error) {
        log.error({ err: error, unit: this.name }, 'what was to follow a commit failed')
      }
    }
  }

  /** A statement that fails fails the unit, as it does on PostgreSQL. */
  #within<T>(sql: string, send: (connection: SqliteConnection) => T): T {
    if (!this.#isOpen) this.#refuse()
    this.assertSound()
    try {
      const result = send(this.#connection)
      // A statement that fails leaves nothing of itself.
      if (!isSelect(sql)) this.hasWritten = true
      return result
    } catch (error) {
      this.#fault = { error }
      throw error
    }
  }

  #refuse(): never {
    throw new Problem('internal', undefined, {
      cause: new Error(`The unit of work "${this.name}" is over; await all its statements.`),
    })
  }
}

/** What is none may write: `with … select` is taken for a write, which costs nothing but care. */
function isSelect(sql: string): boolean {
  return sql.startsWith('select') || sql.startsWith('SELECT')
}

const retry = { headers: { 'Retry-After': '1' } }
