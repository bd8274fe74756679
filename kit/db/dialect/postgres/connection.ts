import { type ReservedSQL, SQL } from 'bun'
import type { ColumnRow, Executor, Statement, Value } from '../../types.ts'
import { decodeColumns } from './decode-columns.ts'
import { translateFault } from './faults.ts'

type Result = ColumnRow[] & SQL.ResultMetadata

/**
 * One connection to the server, the same from its opening to its end: once it is cut, whatever it is asked fails
 * (`isLost`), and nothing runs on another one in its place. Its statements may be sent one behind the other.
 */
export class PostgresConnection implements Executor {
  readonly isWritable = true
  /** Readers that use it at this time; the pool counts them. */
  sharers = 0
  /** Statements that are under way. */
  pending = 0
  /** When it was last given something to do or last answered. */
  activeMs = performance.now()
  isLost = false
  readonly #pool: SQL
  readonly #client: ReservedSQL

  private constructor(pool: SQL, client: ReservedSQL) {
    this.#pool = pool
    this.#client = client
  }

  /** Throws the driver's fault where there is no connection to be had. */
  static async open(
    options: SQL.PostgresOrMySQLOptions,
    onLost: (connection: PostgresConnection) => void,
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
      connection = new PostgresConnection(pool, await pool.reserve())
      return connection
    } catch (error) {
      await pool.close({ timeout: 0 })
      throw error
    }
  }

  all(statement: Statement, values: readonly Value[]): Promise<ColumnRow[]> {
    return this.execute(statement.sql, values)
  }

  run(statement: Statement, values: readonly Value[]): Promise<number> {
    return this.executeChange(statement.sql, values)
  }

  execute(sql: string, values: readonly Value[] = []): Promise<ColumnRow[]> {
    return this.#send(sql, values, toRows)
  }

  executeChange(sql: string, values: readonly Value[] = []): Promise<number> {
    return this.#send(sql, values, toCount)
  }

  /** Closes at once; what is under way fails. */
  async close(): Promise<void> {
    this.isLost = true
    await this.#pool.close({ timeout: 0 })
  }

  async #send<T>(sql: string, values: readonly Value[], read: (result: Result) => T): Promise<T> {
    this.pending += 1
    this.activeMs = performance.now()
    try {
      // The driver copies the values in the call.
      return read(await this.#client.unsafe<Result>(sql, values as Value[]))
    } catch (error) {
      throw translateFault(error)
    } finally {
      this.pending -= 1
      this.activeMs = performance.now()
    }
  }
}

function toRows(result: Result): ColumnRow[] {
  return result.length > 0 && result.columns ? decodeColumns(result, result.columns) : result
}

function toCount(result: Result): number {
  return result.affectedRows
}
