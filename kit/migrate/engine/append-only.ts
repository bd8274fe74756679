import { isDeepStrictEqual } from 'node:util'
import type { DialectName } from '#kit/model'
import { guardName } from '../names.ts'
import { findTable, type MarkSnapshot, type Snapshot, type Table } from '../snapshot.ts'
import { quote, quoteText } from './sql-text.ts'
import type { Step } from './step.ts'

/** The statements that guard the rows of a table, and those that lift the guard. */
interface Guarding {
  /** The names of its triggers: what tells them apart. */
  readonly triggers: readonly string[]
  readonly set: (table: Table) => readonly string[]
  readonly lift: (table: string) => readonly string[]
}

/** What the guard says, for whoever tries. */
const refusal = (table: string) => quoteText(`Rows of ${table} are only ever added.`)

/** The highest position that may be deleted, of the row that is `old`. */
const highest = ({ mark, table, field }: MarkSnapshot) =>
  `(SELECT ${quote(mark)} FROM ${quote(table)} WHERE "id" = OLD.${quote(field)})`

const sqlite: Guarding = {
  triggers: ['update', 'delete'],
  set: ({ name, appendOnly }) => {
    const abort = `BEGIN SELECT RAISE(ABORT, ${refusal(name)}); END`
    const on = (what: string, when: string) =>
      `CREATE TRIGGER ${quote(guardName(name, what))} BEFORE ${what.toUpperCase()} ON ${quote(name)}${when} ${abort}`
    const until = appendOnly?.until
    const isKept = until
      ? ` WHEN OLD.${quote(until.position)} > coalesce(${highest(until)}, 0)`
      : ''
    return [on('update', ''), on('delete', isKept)]
  },
  lift: (table) =>
    ['update', 'delete'].map((what) => `DROP TRIGGER IF EXISTS ${quote(guardName(table, what))}`),
}

const postgres: Guarding = {
  triggers: ['rows', 'table'],
  set: ({ name, appendOnly }) => {
    const until = appendOnly?.until
    const allow = until
      ? `IF TG_OP = 'DELETE' THEN IF OLD.${quote(until.position)} <= ${highest(until)} THEN RETURN OLD; END IF; END IF; `
      : ''
    const guard = quote(guardName(name))
    const on = (what: string, when: string) =>
      `CREATE TRIGGER ${quote(guardName(name, what))} BEFORE ${when} EXECUTE FUNCTION ${guard}()`
    return [
      `CREATE FUNCTION ${guard}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${allow}RAISE EXCEPTION USING ERRCODE = 'restrict_violation', MESSAGE = ${refusal(name)}; END $$`,
      on('rows', `UPDATE OR DELETE ON ${quote(name)} FOR EACH ROW`),
      on('table', `TRUNCATE ON ${quote(name)} FOR EACH STATEMENT`),
    ]
  },
  lift: (table) => [
    ...['rows', 'table'].map(
      (what) => `DROP TRIGGER IF EXISTS ${quote(guardName(table, what))} ON ${quote(table)}`,
    ),
    `DROP FUNCTION IF EXISTS ${quote(guardName(table))}()`,
  ],
}

const guardings: Readonly<Record<DialectName, Guarding>> = { sqlite, postgres }

/** The statements that guard the rows of a table; none where they may be changed. */
export function setGuard(dialect: DialectName, table: Table): readonly string[] {
  return table.appendOnly ? guardings[dialect].set(table) : []
}

export function liftGuard(dialect: DialectName, table: Table): readonly string[] {
  return table.appendOnly ? guardings[dialect].lift(table.name) : []
}

/** The names of the triggers that guard the rows of a table. */
export function guardTriggers(dialect: DialectName, table: Table): readonly string[] {
  return table.appendOnly
    ? guardings[dialect].triggers.map((what) => guardName(table.name, what))
    : []
}

/** The steps between two states, with the guards of tables that differ lifted before and set after them. */
export function amongGuards(
  dialect: DialectName,
  { before, after }: { readonly before: Snapshot; readonly after: Snapshot },
  steps: readonly Step[],
): readonly Step[] {
  const differing = (one: Snapshot, other: Snapshot) =>
    one.tables.filter((table) => !isDeepStrictEqual(table, findTable(other, table.name)))
  return [
    ...differing(before, after).flatMap((table) => liftGuard(dialect, table)),
    ...steps,
    ...differing(after, before).flatMap((table) => setGuard(dialect, table)),
  ]
}
