import { type Log, Problem } from '#kit/core'
import type { AuditDraft } from '../../audit/audit-draft.ts'
import type { ChainHead } from '../../audit/audit-entry.ts'
import { ConstraintFault } from '../../constraint-fault.ts'
import type { Awaitable, ColumnRow, Statement, Unit, Value } from '../../types.ts'
import { type PostgresConnection, toCommand } from './connection.ts'
import { UnitTrail } from './trail.ts'

/**
 * Units see and leave what they would one after the other, as on SQLite; where that cannot be, the server refuses
 * one of them, which is then repeated.
 */
const begin = toCommand`BEGIN ISOLATION LEVEL SERIALIZABLE`
const commit = toCommand`COMMIT`
const rollback = toCommand`ROLLBACK`

/** One unit of work: a transaction on a connection of its own. Usable until it is closed. */
export class PostgresUnit implements Unit {
  readonly isWritable = true
  readonly name: string
  /** When it is aborted. */
  untilMs = Number.POSITIVE_INFINITY
  /** Whether COMMIT was sent: from then on its outcome is known by the answer alone. */
  isCommitting = false
  isAborted = false
  /** Whether something stood in its chain that it has not put there. */
  hasForeignEntry = false
  readonly #connection: PostgresConnection
  readonly #trail: UnitTrail
  #isBegun = false
  #fault: { readonly error: unknown } | undefined
  #isOpen = true
  #abort: ((error: Problem) => void) | undefined
  #afterCommit: (() => void)[] = []

  constructor(name: string, connection: PostgresConnection, chain: ChainHead) {
    this.name = name
    this.#connection = connection
    this.#trail = new UnitTrail(name, chain)
  }

  /** Where its chain is once it is committed. */
  get chain(): ChainHead {
    return this.#trail.head
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

  record(draft: AuditDraft): Awaitable<void> {
    const connection = this.#ready()
    this.#trail.append(draft)
    return this.#trail.isPortionFull ? this.#storeEntries(connection) : undefined
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
    const stored = this.#storeEntries(this.#connection)
    this.isCommitting = true
    const committed = this.#connection.command(commit)
    if (stored) await both(stored, committed)
    else await committed
  }

  #storeEntries(connection: PostgresConnection): Promise<void> | undefined {
    const portion = this.#trail.takePortion()
    if (!portion) return undefined
    return connection.change(
      portion.sql,
      portion.values,
      this.#refuseEntry,
    ) as Promise<unknown> as Promise<void>
  }

  async rollback(): Promise<void> {
    this.#isOpen = false
    if (!this.#isBegun || this.#connection.isLost) return
    await this.#connection.command(rollback)
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

  /** An entry stands where none can be: whoever put it there, the unit is not at fault, and a new chain begins. */
  readonly #refuseEntry = (error: unknown): never => {
    if (!(error instanceof ConstraintFault)) return this.#refuse(error)
    this.hasForeignEntry = true
    return this.#refuse(foreignEntry(error))
  }

  readonly #refuse = (error: unknown): never => {
    this.#fail(error)
    throw error
  }
}

/**
 * COMMIT goes out behind the entries, which saves a journey to the server; where they are refused, the server makes a
 * rollback of it.
 */
async function both(stored: Promise<void>, committed: Promise<unknown>): Promise<void> {
  const [first, second] = await Promise.allSettled([stored, committed])
  if (first.status === 'rejected') throw first.reason
  if (second.status === 'rejected') throw second.reason
}

function foreignEntry(cause: unknown): Problem {
  return new Problem(
    'unavailable',
    'The audit trail holds an entry that it should not; another chain is begun. Try again.',
    { cause, headers: { 'Retry-After': '1' } },
  )
}

function isOver(name: string): Problem {
  return new Problem('internal', undefined, {
    cause: new Error(`The unit of work "${name}" is over; await all its statements.`),
  })
}
