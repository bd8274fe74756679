import type { Awaitable, ColumnRow, Executor, Statement, Value } from '../../types.ts'
import type { PostgresConnection } from './connection.ts'
import { isLoss, isStalePlan } from './faults.ts'
import type { Pool } from './pool.ts'

const attempts = 3

/** Reads on the pool's connections. A read whose connection was cut is sent again on another. */
export class PostgresReader implements Executor {
  readonly isWritable = false
  readonly #pool: Pool

  constructor(pool: Pool) {
    this.#pool = pool
  }

  all(statement: Statement, values: readonly Value[]): Promise<ColumnRow[]> {
    return this.#read((connection) => connection.all(statement, values))
  }

  run(statement: Statement, values: readonly Value[]): Promise<number> {
    return this.#read((connection) => connection.run(statement, values))
  }

  execute(sql: string, values?: readonly Value[]): Promise<ColumnRow[]> {
    return this.#read((connection) => connection.execute(sql, values))
  }

  executeChange(sql: string, values?: readonly Value[]): Promise<number> {
    return this.#read((connection) => connection.executeChange(sql, values))
  }

  async #read<T>(send: Send<T>): Promise<T> {
    for (let attempt = 1; attempt < attempts; attempt += 1) {
      try {
        return await this.#once(send)
      } catch (error) {
        if (isLoss(error)) this.#pool.discardIdle()
        else if (!isStalePlan(error)) throw error
      }
    }
    return this.#once(send)
  }

  async #once<T>(send: Send<T>): Promise<T> {
    const shared = this.#pool.share()
    const connection = shared instanceof Promise ? await shared : shared
    try {
      return await send(connection)
    } finally {
      this.#pool.unshare(connection)
    }
  }
}

type Send<T> = (connection: PostgresConnection) => Awaitable<T>
