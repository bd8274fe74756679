import type { ColumnRow, Executor, Statement, Value } from '../../types.ts'
import type { SqliteConnection } from './connection.ts'

const begin: Statement = Object.freeze({ sql: 'BEGIN', slots: [] })
const end: Statement = Object.freeze({ sql: 'COMMIT', slots: [] })

/**
 * The reading side. All statements of one turn of the event loop share one read transaction, since to begin and
 * end one costs system calls of its own. Nothing stale is read: the
 * snapshot is let go before the loop takes in new requests, and whenever our writer has committed.
 */
export class SqliteReader implements Executor {
  readonly isWritable = false
  readonly #connection: SqliteConnection
  #hasSnapshot = false

  constructor(connection: SqliteConnection) {
    this.#connection = connection
  }

  all(statement: Statement, values: readonly Value[]): ColumnRow[] {
    this.#holdSnapshot()
    return this.#connection.all(statement, values)
  }

  run(statement: Statement, values: readonly Value[]): number {
    this.#holdSnapshot()
    return this.#connection.run(statement, values)
  }

  execute(sql: string, values?: readonly Value[]): ColumnRow[] {
    this.#holdSnapshot()
    return this.#connection.execute(sql, values)
  }

  executeChange(sql: string, values?: readonly Value[]): number {
    this.#holdSnapshot()
    return this.#connection.executeChange(sql, values)
  }

  /** The next statement sees what is committed by then. */
  readonly letGo = (): void => {
    if (!this.#hasSnapshot) return
    this.#hasSnapshot = false
    if (this.#connection.isInTransaction) this.#connection.run(end, [])
  }

  close(): void {
    this.letGo()
    this.#connection.close()
  }

  #holdSnapshot(): void {
    if (this.#hasSnapshot) return
    this.#connection.run(begin, [])
    this.#hasSnapshot = true
    setImmediate(this.letGo)
  }
}
