import { type Log, Problem } from '#kit/core'
import type { AuditDraft } from '../../audit/audit-draft.ts'
import type { Awaitable, ColumnRow, Statement, Unit, Value } from '../../types.ts'
import type { PostgresConnection } from './connection.ts'

/**
 * Units see and leave what they would one after the other, as on SQLite; where that cannot be, the server refuses
 * one of them, which is then repeated.
 */
const begin = 'BEGIN ISOLATION LEVEL SERIALIZABLE'

/** One unit of work: a transaction on a connection of its own. Usable until it is closed. */
export class PostgresUnit implements Unit {
  readonly isWritable = true
  readonly name: string
  readonly sinceMs = performance.now()
  /** Whether COMMIT was sent: from then on its outcome is known by the answer alone. */
  isCommitting = false
  isAborted = false
  readonly #connection: PostgresConnection
  readonly #drafts: AuditDraft[] = []
  #isBegun = false
  #fault: { readonly error: unknown } | undefined
  #isOpen = true
  #abort: ((error: Problem) => void) | undefined
  #afterCommit: (() => void)[] = []

  constructor(name: string, connection: PostgresConnection) {
    this.name = name
    this.#connection = connection
  }

  all({ sql }: Statement, values: readonly Value[]): Promise<ColumnRow[]> {
    return this.#ready().query(sql, values, this.#refuse)
  }

  run({ sql }: Statement, values: readonly Value[]): Promise<number> {
    return this.#ready().change(sql, values, this.#refuse)
  }

  execute(sql: string, values: readonly Value[] = []): Promise<ColumnRow[]> {
    return this.#ready().query(sql, values, this.#refuse)
  }

  executeChange(sql: string, values: readonly Value[] = []): Promise<number> {
    return this.#ready().change(sql, values, this.#refuse)
  }

  record(draft: AuditDraft): void {
    this.#drafts.push(draft)
  }

  afterCommit(action: () => void): void {
    this.#afterCommit.push(action)
  }

  /** Runs the work; `abort` ends the wait for it. */
  perform<T>(work: (unit: Unit) => Awaitable<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#abort = reject
      const result = work(this)
      if (result instanceof Promise) result.then(resolve, reject)
      else resolve(result)
    })
  }

  abort(): void {
    this.isAborted = true
    this.#abort?.(
      new Problem('unavailable', 'The request took too long to write.', {
        headers: { 'Retry-After': '1' },
      }),
    )
  }

  /** Throws the fault of a statement that failed, even where the work went on. */
  async commit(): Promise<void> {
    this.#isOpen = false
    if (this.#fault) throw this.#fault.error
    if (!this.#isBegun) return
    this.isCommitting = true
    await this.#connection.command('COMMIT')
  }

  async rollback(): Promise<void> {
    this.#isOpen = false
    if (!this.#isBegun || this.#connection.isLost) return
    await this.#connection.command('ROLLBACK')
  }

  runAfterCommit(log: Log): void {
    for (const action of this.#afterCommit) {
      try {
        action()
      } catch (error) {
        log.error({ err: error, unit: this.name }, 'what was to follow a commit failed')
      }
    }
  }

  #ready(): PostgresConnection {
    if (!this.#isOpen) throw isOver(this.name)
    if (this.#fault) throw this.#fault.error
    if (this.#isBegun) return this.#connection
    this.#isBegun = true
    // It goes out together with the first statement, which saves a journey to the server.
    this.#connection.command(begin).catch(this.#fail)
    return this.#connection
  }

  readonly #fail = (error: unknown): void => {
    this.#fault ??= { error }
  }

  readonly #refuse = (error: unknown): never => {
    this.#fail(error)
    throw error
  }
}

function isOver(name: string): Problem {
  return new Problem('internal', undefined, {
    cause: new Error(`The unit of work "${name}" is over; await all its statements.`),
  })
}
