import { type ReservedSQL, SQL } from 'bun'
import type { ColumnRow, Executor, Statement, Value } from '../../types.ts'
import { decodeColumns } from './decode-columns.ts'
import { translateFault } from './faults.ts'

type Result = ColumnRow[] & SQL.ResultMetadata

/** What is done with the fault of a statement: it is thrown, or the statement is answered from elsewhere. */
export type Recover<T> = (fault: unknown) => T | Promise<T>

/** What a connection tells its pool. */
export interface ConnectionEvents {
  /** The server or the network ended it. */
  readonly onLost: (connection: PostgresConnection) => void
  /** A statement was answered. */
  readonly onSettled: () => void
}

/** A statement without values, in the form that the driver prepares: the strings of a template. */
export type Command = TemplateStringsArray

export function toCommand(text: TemplateStringsArray): Command {
  return text
}

interface Manner {
  readonly onSettled: () => void
  /** Behind a pooler nothing is. */
  readonly isPrepared: boolean
}

/**
 * One connection to the server, the same from its opening to its end: once it is cut, whatever it is asked fails
 * (`isLost`), and nothing runs on another one in its place. Its statements may be sent one behind the other.
 */
export class PostgresConnection implements Executor {
  readonly isWritable = true
  /** Statements that are under way. */
  pending = 0
  /** When it was last given something to do or last answered. */
  activeMs = performance.now()
  isLost = false
  /** Was open when another one was cut: nothing more is to be sent on it. */
  isSuspect = false
  readonly #pool: SQL
  readonly #client: ReservedSQL
  readonly #onSettled: () => void
  readonly #isPrepared: boolean

  private constructor(pool: SQL, client: ReservedSQL, more: Manner) {
    this.#pool = pool
    this.#client = client
    this.#onSettled = more.onSettled
    this.#isPrepared = more.isPrepared
  }

  /** Throws the driver's fault where there is no connection to be had. */
  static async open(
    options: SQL.PostgresOrMySQLOptions,
    { onLost, onSettled }: ConnectionEvents,
  ): Promise<PostgresConnection> {
    let connection: PostgresConnection | undefined
    // A pool of one, reserved for good: the driver would open another connection in the middle of a transaction.
    const pool = new SQL({
      ...options,
      max: 1,
      onclose: () => {
        if (!connection || connection.isLost) return
        connection.isLost = true
        onLost(connection)
      },
    })
    try {
      const isPrepared = options.prepare !== false
      connection = new PostgresConnection(pool, await pool.reserve(), { onSettled, isPrepared })
      return connection
    } catch (error) {
      await pool.close({ timeout: 0 })
      throw error
    }
  }

  all(statement: Statement, values: readonly Value[]): Promise<ColumnRow[]> {
    return this.query(statement.sql, values, rethrow)
  }

  run(statement: Statement, values: readonly Value[]): Promise<number> {
    return this.change(statement.sql, values, rethrow)
  }

  execute(sql: string, values: readonly Value[] = []): Promise<ColumnRow[]> {
    return this.query(sql, values, rethrow)
  }

  executeChange(sql: string, values: readonly Value[] = []): Promise<number> {
    return this.change(sql, values, rethrow)
  }

  query(
    sql: string,
    values: readonly Value[],
    recover: Recover<ColumnRow[]>,
  ): Promise<ColumnRow[]> {
    return this.#ask(this.#client.unsafe(sql, values as Value[]), { read: toRows, recover })
  }

  change(sql: string, values: readonly Value[], recover: Recover<number>): Promise<number> {
    return this.#ask(this.#client.unsafe(sql, values as Value[]), { read: toCount, recover })
  }

  /** Begins or ends a transaction. Prepared, where that is possible, it need not wait for what was sent before. */
  command(sql: Command): Promise<unknown> {
    const query = this.#isPrepared ? this.#client(sql) : this.#client.unsafe(sql.join('')).simple()
    return this.#ask(query, { read: toCount, recover: rethrow })
  }

  /** Closes at once; what is under way fails. */
  async close(): Promise<void> {
    this.isLost = true
    await this.#pool.close({ timeout: 0 })
  }

  /** One promise a statement: this is the busiest place there is. */
  #ask<T>(
    query: SQL.Query<Result>,
    { read, recover }: { read: (result: Result) => T; recover: Recover<T> },
  ): Promise<T> {
    this.pending += 1
    this.activeMs = performance.now()
    return query.then(
      (result) => {
        this.#settle()
        return read(result)
      },
      (error: unknown) => {
        this.#settle()
        return recover(translateFault(error))
      },
    )
  }

  #settle(): void {
    this.pending -= 1
    this.activeMs = performance.now()
    this.#onSettled()
  }
}

function toRows(result: Result): ColumnRow[] {
  return result.length > 0 && result.columns ? decodeColumns(result, result.columns) : result
}

function toCount(result: Result): number {
  return result.affectedRows
}

function rethrow(fault: unknown): never {
  throw fault
}
