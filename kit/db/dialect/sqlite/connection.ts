import { type Statement as Prepared, Database as Sqlite } from 'bun:sqlite'
import type { ColumnRow, Executor, Statement, Value } from '../../types.ts'
import { translateFault } from './faults.ts'

/** Most prepared statements one connection keeps; the oldest makes room. */
const keptStatements = 1000

type Row = ColumnRow
type Handle = Prepared<Row, Value[]>

/** One connection to a SQLite file. It lives until it is closed. */
export class SqliteConnection implements Executor {
  readonly isWritable: boolean
  readonly #sqlite: Sqlite
  readonly #prepared = new Map<Statement, Handle>()

  constructor(file: string, isWritable: boolean) {
    this.isWritable = isWritable
    this.#sqlite = translate(
      () => new Sqlite(file, isWritable ? { create: true, readwrite: true } : { readonly: true }),
    )
  }

  get isInTransaction(): boolean {
    return this.#sqlite.inTransaction
  }

  all(statement: Statement, values: readonly Value[]): Row[] {
    try {
      return this.#prepare(statement).all(...values)
    } catch (error) {
      throw translateFault(error)
    }
  }

  run(statement: Statement, values: readonly Value[]): number {
    try {
      return this.#prepare(statement).run(...values).changes
    } catch (error) {
      throw translateFault(error)
    }
  }

  execute(sql: string, values: readonly Value[] = []): Row[] {
    return this.#once(sql, (handle) => handle.all(...values))
  }

  executeChange(sql: string, values: readonly Value[] = []): number {
    return this.#once(sql, (handle) => handle.run(...values).changes)
  }

  close(): void {
    for (const handle of this.#prepared.values()) handle.finalize()
    this.#prepared.clear()
    this.#sqlite.close()
  }

  #prepare(statement: Statement): Handle {
    const found = this.#prepared.get(statement)
    if (found) return found
    const handle = this.#sqlite.prepare<Row, Value[]>(statement.sql)
    this.#prepared.set(statement, handle)
    if (this.#prepared.size > keptStatements) this.#forgetOldest()
    return handle
  }

  #forgetOldest(): void {
    for (const [statement, handle] of this.#prepared) {
      handle.finalize()
      this.#prepared.delete(statement)
      return
    }
  }

  #once<T>(sql: string, use: (handle: Handle) => T): T {
    return translate(() => {
      const handle = this.#sqlite.prepare<Row, Value[]>(sql)
      try {
        return use(handle)
      } finally {
        handle.finalize()
      }
    })
  }
}

function translate<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw translateFault(error)
  }
}
