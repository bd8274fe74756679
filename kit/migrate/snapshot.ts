import { Problem } from '#kit/core'
import type { Reference, RowCondition } from '#kit/model'

/** A column as data. `kind` names one of `fieldKinds`; `id` is always the primary key. */
export interface Column {
  readonly name: string
  readonly kind: string
  readonly isOptional: boolean
  /** As JSON; the engine's spelling is the kind's business. */
  readonly default?: unknown
  readonly references?: { readonly table: string; readonly onDelete: Reference['onDelete'] }
}

export interface IndexSnapshot {
  readonly name: string
  readonly fields: readonly string[]
  readonly unique: boolean
  /** Texts in it are compared with A–Z as a–z. */
  readonly ignoreCase: boolean
  /** Only the rows that meet this are in it. */
  readonly where?: RowCondition
}

/** Up to where rows that are only ever added may be deleted: `position` is at most the `mark` of the row of `table` that `field` names. */
export interface MarkSnapshot {
  readonly field: string
  readonly table: string
  readonly position: string
  readonly mark: string
}

/** Rows are never changed, and deleted at most as far as `until` says. */
export interface AppendOnlySnapshot {
  readonly until?: MarkSnapshot
}

export interface Table {
  readonly name: string
  /** `id` first, the others by name. */
  readonly columns: readonly Column[]
  readonly indexes: readonly IndexSnapshot[]
  /** Left out where rows may be changed and deleted. */
  readonly appendOnly?: AppendOnlySnapshot
}

/** What the tables of a set look like at one time. Sorted, so that equal ones are equal as text. */
export interface Snapshot {
  readonly tables: readonly Table[]
}

export const emptySnapshot: Snapshot = Object.freeze({ tables: Object.freeze([]) })

export function findTable(snapshot: Snapshot, name: string): Table | undefined {
  return snapshot.tables.find((table) => table.name === name)
}

/** Throws `conflict` where there is none. */
export function getTable(snapshot: Snapshot, name: string): Table {
  const table = findTable(snapshot, name)
  if (!table) throw new Problem('conflict', `There is no table "${name}" at this point.`)
  return table
}

export function findColumn(table: Table, name: string): Column | undefined {
  return table.columns.find((column) => column.name === name)
}

/** Throws `conflict` where there is none. */
export function getColumn(table: Table, name: string): Column {
  const column = findColumn(table, name)
  if (!column) {
    throw new Problem('conflict', `Table "${table.name}" has no column "${name}" at this point.`)
  }
  return column
}

/** Throws `conflict` where there is none. */
export function getIndex(table: Table, name: string): IndexSnapshot {
  const index = table.indexes.find((candidate) => candidate.name === name)
  if (!index) {
    throw new Problem('conflict', `Table "${table.name}" has no index "${name}" at this point.`)
  }
  return index
}

/** The snapshot with this table in place of the one of that name, or beside the others. */
export function withTable(snapshot: Snapshot, table: Table, replaced = table.name): Snapshot {
  const others = snapshot.tables.filter(({ name }) => name !== replaced)
  return toSound({ tables: [...others, toSorted(table)].sort(byName) })
}

export function withoutTable(snapshot: Snapshot, name: string): Snapshot {
  return { tables: snapshot.tables.filter((table) => table.name !== name) }
}

/** The table with another mark, where it has one. */
export function withMark(table: Table, change: (until: MarkSnapshot) => MarkSnapshot): Table {
  const until = table.appendOnly?.until
  return until ? { ...table, appendOnly: { until: change(until) } } : table
}

/** The columns of the table by which rows that are only ever added may be deleted. */
export function namedByMark(snapshot: Snapshot, name: string): readonly string[] {
  return snapshot.tables.flatMap((table) => {
    const until = table.appendOnly?.until
    if (!until) return []
    const own = table.name === name ? [until.field, until.position] : []
    return until.table === name ? [...own, until.mark] : own
  })
}

function toSorted(table: Table): Table {
  const columns = [...table.columns].sort(
    (a, b) => Number(b.name === 'id') - Number(a.name === 'id') || byName(a, b),
  )
  const { appendOnly } = table
  const indexes = [...table.indexes].sort(byName)
  return { name: table.name, columns, indexes, ...(appendOnly ? { appendOnly } : {}) }
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : Number(a.name > b.name)
}

/** Tables and indexes share one space of names on both engines. */
function toSound(snapshot: Snapshot): Snapshot {
  const seen = new Set<string>()
  for (const table of snapshot.tables) {
    for (const { name } of [table, ...table.indexes]) {
      if (seen.has(name)) {
        throw new Problem('conflict', `Two tables or indexes would be named "${name}".`)
      }
      seen.add(name)
    }
  }
  return snapshot
}
