import { SQL } from 'bun'
import { Problem } from '#kit/core'
import { ConstraintFault, valueFault } from '../../constraint-fault.ts'

const retryLater = { 'Retry-After': '1' }

const pooled =
  'The database forgot a prepared statement: a pooler is between. Add pgbouncer=true to DATABASE_URL.'

type Meaning = (error: SQL.PostgresError) => Error

/** What a fault of the server means to a caller, by the start of its SQLSTATE. */
const meanings: readonly (readonly [string, Meaning])[] = [
  ['23505', (error) => new ConstraintFault('unique', namesIn(error), error)],
  ['23503', (error) => new ConstraintFault('reference', namesIn(error), error)],
  // What ON DELETE RESTRICT answers from PostgreSQL 18 on.
  ['23001', (error) => new ConstraintFault('reference', namesIn(error), error)],
  ['23502', (error) => valueFault(error.column === undefined ? [] : [error.column], error)],
  ['23', (error) => valueFault([], error)],
  ['22003', invalid('A number is out of range.')],
  ['22021', invalid('A text holds characters that cannot be stored.')],
  ['22P05', invalid('A text holds characters that cannot be stored.')],
  ['26000', unavailable(pooled)],
  ['42P05', unavailable(pooled)],
  ['40', unavailable('Others changed the same rows at the same time. Try again.')],
  ['55P03', unavailable('Others hold these rows. Try again.')],
  ['57014', unavailable('The database took too long to answer.')],
  ['53100', unavailable('The disk of the database is full; nothing was written.')],
  ['53', unavailable('The database has no room for more connections. Try again.')],
  ['57', unavailable('The database does not answer. Try again.')],
  ['08', unavailable('The database does not answer. Try again.')],
  ['58', unavailable('The disk of the database does not answer.')],
  ['XX', unavailable('The database is damaged or failed within.')],
  ['25006', unavailable('The database takes no writes: it is a copy that follows another.')],
]

/** A fault of the server or the driver as the rest of the kit knows it; anything else as it is. */
export function translateFault(error: unknown): unknown {
  if (!(error instanceof SQL.PostgresError)) return error
  if (isLoss(error)) return unavailable('The database does not answer. Try again.')(error)
  const state = error.errno ?? ''
  const meaning = meanings.find(([start]) => state.startsWith(start))
  return meaning ? meaning[1](error) : error
}

/** Whether the connection is gone; what was under way on it has no answer. */
export function isLoss(error: unknown): boolean {
  const fault = faultOf(error)
  if (!fault) return false
  const isCut = /^ERR_POSTGRES_(CONNECTION|IDLE|LIFETIME)/.test(fault.code)
  return isCut || /^(08|57P0[1-5])/.test(fault.errno ?? '')
}

/**
 * Whether the same work may succeed if it is done once more, the transaction having been rolled back: a serialization
 * failure, a deadlock, a prepared statement that a migration outdated.
 */
export function isTransient(error: unknown): boolean {
  return isCollision(error) || isStalePlan(error)
}

/** A serialization failure or a deadlock. */
export function isCollision(error: unknown): boolean {
  return ['40001', '40P01'].includes(faultOf(error)?.errno ?? '')
}

/** A statement that the server forgot, or that does not fit its table any more: prepared anew it runs. */
export function isStalePlan(error: unknown): boolean {
  const fault = faultOf(error)
  if (fault?.errno === '26000' || fault?.errno === '42P05') return true
  return fault?.errno === '0A000' && fault.message.includes('cached plan')
}

function faultOf(error: unknown): SQL.PostgresError | undefined {
  if (error instanceof SQL.PostgresError) return error
  const cause = error instanceof Problem ? error.cause : undefined
  return cause instanceof SQL.PostgresError ? cause : undefined
}

function unavailable(detail: string): Meaning {
  return (cause) => new Problem('unavailable', detail, { cause, headers: retryLater })
}

function invalid(detail: string): Meaning {
  return (cause) => new Problem('invalid', detail, { cause })
}

/** The server names the constraint, which for a unique index is the index. */
function namesIn(error: SQL.PostgresError): readonly string[] {
  return error.constraint === undefined ? [] : [error.constraint]
}
