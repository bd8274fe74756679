import { SQLiteError } from 'bun:sqlite'
import { Problem } from '#kit/core'
import { ConstraintFault, valueFault } from '../../constraint-fault.ts'

const retryLater = { 'Retry-After': '1' }

/** What a fault of the engine means to a caller, by the start of SQLite's extended result code. */
const meanings: readonly (readonly [string, (error: SQLiteError) => Error])[] = [
  ['SQLITE_CONSTRAINT_UNIQUE', (error) => uniqueFault(error)],
  ['SQLITE_CONSTRAINT_PRIMARYKEY', (error) => uniqueFault(error)],
  ['SQLITE_CONSTRAINT_ROWID', (error) => uniqueFault(error)],
  ['SQLITE_CONSTRAINT_FOREIGNKEY', (error) => new ConstraintFault('reference', [], error)],
  // What ON DELETE RESTRICT answers.
  ['SQLITE_CONSTRAINT_TRIGGER', (error) => new ConstraintFault('reference', [], error)],
  ['SQLITE_CONSTRAINT_NOTNULL', (error) => valueFault(columnsIn(error), error)],
  ['SQLITE_CONSTRAINT', (error) => valueFault([], error)],
  ['SQLITE_BUSY', unavailable('The database is busy. Try again.')],
  ['SQLITE_LOCKED', unavailable('The database is busy. Try again.')],
  [
    'SQLITE_FULL',
    unavailable(
      'The disk that holds the database is full; nothing was written. Make room and try again.',
    ),
  ],
  ['SQLITE_IOERR', unavailable('The disk does not answer; nothing was written.')],
  ['SQLITE_READONLY', unavailable('The database cannot be written to.')],
  ['SQLITE_CANTOPEN', unavailable('The database cannot be opened.')],
  ['SQLITE_CORRUPT', unavailable('The database file is damaged.')],
  ['SQLITE_NOTADB', unavailable('The database file is not an SQLite database.')],
]

/** A fault of SQLite as the rest of the kit knows it; anything else as it is. */
export function translateFault(error: unknown): unknown {
  if (!(error instanceof SQLiteError)) return error
  const code = error.code ?? ''
  const meaning = meanings.find(([start]) => code.startsWith(start))
  return meaning ? meaning[1](error) : error
}

function unavailable(detail: string): (error: SQLiteError) => Problem {
  return (cause) => new Problem('unavailable', detail, { cause, headers: retryLater })
}

/**
 * SQLite names the columns (`UNIQUE constraint failed: users.email`), or the index where that is on an
 * expression (`UNIQUE constraint failed: index 'users_email'`).
 */
function uniqueFault(error: SQLiteError): ConstraintFault {
  const index = /constraint failed: index '(.+)'$/.exec(error.message)?.[1]
  return new ConstraintFault('unique', index ? [index] : columnsIn(error), error)
}

function columnsIn(error: SQLiteError): string[] {
  const [, list = ''] = error.message.split('constraint failed: ')
  return list.split(', ').map((name) => name.replace(/^.*\./, ''))
}
