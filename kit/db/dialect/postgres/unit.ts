import { type Log, Problem } from '#kit/core'
import type { AuditDraft } from '../../audit/audit-draft.ts'
import type { ChainHead } from '../../audit/audit-entry.ts'
import type { RowChange } from '../../changes/row-change.ts'
import { UnitChanges } from '../../changes/unit-changes.ts'
import { ConstraintFault } from '../../constraint-fault.ts'
import type { Awaitable, ColumnRow, Statement, Unit, Value } from '../../types.ts'
import { type PostgresConnection, toCommand } from './connection.ts'
import { channel, notify } from './messages.ts'
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
  readonly changes = new UnitChanges()
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

  note(change: RowChange): void {
    this.changes.note(change)
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

  /**
   * Throws the fault of a statement that failed, even where the work went on. Who watches is sent the messages by the
   * transaction itself: in the order of the commits, and not at all where it is not kept.
   */
  async commit(messages: readonly string[]): Promise<void> {
    this.#isOpen = false
    if (this.#fault) throw this.#fault.error
    if (!this.#isBegun) return
    const stored = this.#storeEntries(this.#connection)
    const told = this.#tell(messages)
    this.isCommitting = true
    const committed = this.#connection.command(commit)
    if (stored || told) await all([stored, told, committed])
    else await committed
  }

  #tell(messages: readonly string[]): Promise<unknown> | undefined {
    if (messages.length === 0) return undefined
    return this.#connection.query(notify, [channel, JSON.stringify(messages)], this.#refuse)
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
async function all(sent: readonly (Promise<unknown> | undefined)[]): Promise<void> {
  for (const result of await Promise.allSettled(sent))
    if (result.status === 'rejected') throw result.reason
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
