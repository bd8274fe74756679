import type { Executor } from '#kit/db'
import {
  guardTriggers,
  liftGuard,
  loadTable,
  type MigrationSet,
  readApplied,
  setGuard,
  type Table,
} from '#kit/migrate'
import { type FieldKind, fieldKinds } from '#kit/model'
import type { DataEngine } from './engine/data-engine.ts'
import { orderByReferences } from './order-by-references.ts'

export interface ColumnLayout {
  readonly name: string
  readonly kind: FieldKind
  readonly isOptional: boolean
}

/** A reference to another row, by the column that holds it. */
export interface ReferenceLayout {
  readonly column: string
  readonly table: string
}

/** What there is to know of a table to read and write its rows. `id` is its first column. */
export interface TableLayout {
  readonly name: string
  readonly columns: readonly ColumnLayout[]
  /** The database counts its ids up. */
  readonly isNumbered: boolean
  readonly references: readonly ReferenceLayout[]
}

export interface GuardLayout {
  /** Their names. */
  readonly triggers: readonly string[]
  /** The statements that lift the guards, and those that set them again. */
  readonly lift: readonly string[]
  readonly set: readonly string[]
}

/** The tables of a database as its own migrations have left them. */
export interface Layout {
  readonly migrations: readonly { readonly id: string; readonly checksum: string }[]
  /** No table before one that it refers to, but for those that refer to one another. */
  readonly tables: readonly TableLayout[]
  /** The references that no order satisfies: of a table to itself, or in a circle. */
  readonly circular: readonly (ReferenceLayout & { readonly from: string })[]
  /** What guards rows that are only ever added. */
  readonly guards: GuardLayout
  /** Tables that no migration of this app has made. */
  readonly foreign: readonly string[]
}

/** Tables of our own that hold no data of the app. */
export const bookkeeping = Object.freeze(['plinth_migrations', 'plinth_copy', loadTable])

export interface LayoutQuestion {
  readonly executor: Executor
  readonly engine: DataEngine
  readonly sets: readonly MigrationSet[]
}

/** Reads it within the transaction that is open. Throws `conflict` where the database is ahead of the code. */
export async function readLayout({ executor, engine, sets }: LayoutQuestion): Promise<Layout> {
  const { migrations, snapshot } = await readApplied({ executor, dialect: engine.name, sets })
  const { tables, circular } = orderByReferences(snapshot.tables.map(toTableLayout))
  const known = new Set([...bookkeeping, ...tables.map(({ name }) => name)])
  const present = await tablesOf(executor, engine)
  const guards = {
    triggers: snapshot.tables.flatMap((table) => guardTriggers(engine.name, table)),
    lift: snapshot.tables.flatMap((table) => liftGuard(engine.name, table)),
    set: snapshot.tables.flatMap((table) => setGuard(engine.name, table)),
  }
  const foreign = present.filter((name) => !known.has(name))
  return { migrations, tables, circular, guards, foreign }
}

/** The names of all tables that are there, in their order. */
export async function tablesOf(executor: Executor, engine: DataEngine): Promise<string[]> {
  const rows = await executor.execute(engine.listTables)
  return rows.map((row) => String(row['name'])).sort()
}

function toTableLayout({ name, columns }: Table): TableLayout {
  const layouts = columns.map((column) => ({
    name: column.name,
    kind: kindNamed(column.kind),
    isOptional: column.isOptional,
  }))
  return {
    name,
    columns: layouts,
    isNumbered: layouts.some(({ kind }) => kind.isSerial),
    references: columns.flatMap((column) =>
      column.references ? [{ column: column.name, table: column.references.table }] : [],
    ),
  }
}

function kindNamed(name: string): FieldKind {
  const kind = fieldKinds[name]
  if (!kind) throw new TypeError(`There is no kind of field "${name}".`)
  return kind
}
