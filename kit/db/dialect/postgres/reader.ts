import type { ColumnRow, Executor, Statement, Value } from '../../types.ts'
import type { PostgresConnection, Recover } from './connection.ts'
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

  all({ sql }: Statement, values: readonly Value[]): Promise<ColumnRow[]> {
    return this.execute(sql, values)
  }

  run({ sql }: Statement, values: readonly Value[]): Promise<number> {
    return this.executeChange(sql, values)
  }

  execute(sql: string, values: readonly Value[] = []): Promise<ColumnRow[]> {
    return this.#read((connection, recover) => connection.query(sql, values, recover))
  }

  executeChange(sql: string, values: readonly Value[] = []): Promise<number> {
    return this.#read((connection, recover) => connection.change(sql, values, recover))
  }

  #read<T>(send: Send<T>, attempt = 1): Promise<T> {
    return this.#pool.share((connection) =>
      send(connection, (fault) => {
        if (attempt === attempts || !(isLoss(fault) || isStalePlan(fault))) throw fault
        if (isLoss(fault)) this.#pool.distrust(connection)
        return this.#read(send, attempt + 1)
      }),
    )
  }
}

type Send<T> = (connection: PostgresConnection, recover: Recover<T>) => Promise<T>
