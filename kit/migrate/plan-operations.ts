import { isDeepStrictEqual } from 'node:util'
import { indexName } from './names.ts'
import { applyOperation, type Operation } from './operation.ts'
import { renameInIndex } from './operations/rename-column.ts'
import type { DueRenames } from './renames.ts'
import {
  findColumn,
  findTable,
  getTable,
  type IndexSnapshot,
  type Snapshot,
  type Table,
} from './snapshot.ts'

/**
 * The operations in an order in which each finds what it needs: what goes makes room first, names move, what is
 * new comes, indexes last.
 */
export function planOperations(before: Snapshot, after: Snapshot, due: DueRenames): Operation[] {
  const departures = [...dropIndexes(before, after, due), ...dropTables(before, after, due)]
  const moves: Operation[] = [
    ...departures,
    ...due.tables.map(({ from, to }) => ({ op: 'rename_table' as const, from, to })),
    ...due.columns.flatMap(({ table, renames }) =>
      renames.map(({ from, to }) => ({ op: 'rename_column' as const, table, from, to })),
    ),
  ]
  const moved = moves.reduce(applyOperation, before)
  const kept = after.tables.filter(({ name }) => findTable(moved, name))
  const eachKept = (differences: (old: Table, table: Table) => Operation[]) =>
    kept.flatMap((table) => differences(getTable(moved, table.name), table))
  return [
    ...moves,
    ...eachKept(dropColumns),
    ...createTables(moved, after),
    ...eachKept(addColumns),
    ...eachKept(changeColumns),
    ...eachKept(createIndexes),
    ...eachKept(setAppendOnly),
  ]
}

/** The new name of a table of `before`, where it is kept. */
function newName(table: Table, after: Snapshot, due: DueRenames): string | undefined {
  const renamed = due.tables.find(({ from }) => from === table.name)?.to
  const isTaken = due.tables.some(({ to }) => to === table.name)
  if (renamed !== undefined) return renamed
  return !isTaken && findTable(after, table.name) ? table.name : undefined
}

function dropIndexes(before: Snapshot, after: Snapshot, due: DueRenames): Operation[] {
  return before.tables.flatMap((table): Operation[] => {
    const name = newName(table, after, due)
    if (name === undefined) return []
    const wanted = getTable(after, name).indexes
    return table.indexes
      .filter(
        (index) =>
          !wanted.some((other) => isDeepStrictEqual(other, moved(index, table, { name, due }))),
      )
      .map((index) => ({ op: 'drop_index', table: table.name, name: index.name }))
  })
}

/** The index as the renames leave it. */
function moved(
  index: IndexSnapshot,
  table: Table,
  { name, due }: { readonly name: string; readonly due: DueRenames },
): IndexSnapshot {
  const renames = due.columns.find((entry) => entry.table === name)?.renames ?? []
  const named = name === table.name ? index : { ...index, name: indexName(name, index) }
  return renames.reduce((made, rename) => renameInIndex(name, made, rename), named)
}

function dropTables(before: Snapshot, after: Snapshot, due: DueRenames): Operation[] {
  return before.tables
    .filter((table) => newName(table, after, due) === undefined)
    .map(({ name }) => ({ op: 'drop_table', table: name }))
}

function dropColumns(old: Table, table: Table): Operation[] {
  return old.columns
    .filter(({ name }) => !findColumn(table, name))
    .map(({ name }) => ({ op: 'drop_column', table: table.name, name }))
}

function addColumns(old: Table, table: Table): Operation[] {
  return table.columns
    .filter(({ name }) => !findColumn(old, name))
    .map((column) => ({ op: 'add_column', table: table.name, column }))
}

function changeColumns(old: Table, table: Table): Operation[] {
  return table.columns
    .filter((column) => {
      const former = findColumn(old, column.name)
      return former !== undefined && !isDeepStrictEqual(former, column)
    })
    .map((column) => ({ op: 'change_column', table: table.name, column }))
}

function createIndexes(old: Table, table: Table): Operation[] {
  return table.indexes
    .filter((index) => !old.indexes.some((other) => isDeepStrictEqual(other, index)))
    .map((index) => ({ op: 'create_index', table: table.name, index }))
}

function setAppendOnly(old: Table, table: Table): Operation[] {
  const rule = table.appendOnly ?? null
  if (isDeepStrictEqual(old.appendOnly ?? null, rule)) return []
  return [{ op: 'set_append_only', table: table.name, rule }]
}

/** New tables, those that others refer to first; tables that refer to one another in the order of their names. */
function createTables(moved: Snapshot, after: Snapshot): Operation[] {
  const ordered: Table[] = []
  const visited = new Set<string>()
  const visit = (table: Table) => {
    if (visited.has(table.name)) return
    visited.add(table.name)
    for (const { references } of table.columns) {
      const target = references && findTable(after, references.table)
      if (target) visit(target)
    }
    if (!findTable(moved, table.name)) ordered.push(table)
  }
  after.tables.forEach(visit)
  return ordered.map((table) => ({ op: 'create_table', table }))
}
