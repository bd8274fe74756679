import type { Fault } from '#kit/core'
import { findConversion } from './conversions.ts'
import { needsEmptyTable } from './operations/add-column.ts'
import type { DueRenames } from './renames.ts'
import { type Column, findColumn, findTable, type Snapshot, type Table } from './snapshot.ts'

/** What cannot be done to the rows that may be there, each with the repair. */
export function faultsOfColumns(before: Snapshot, after: Snapshot, due: DueRenames): Fault[] {
  return after.tables.flatMap((table) => {
    const former = due.tables.find(({ to }) => to === table.name)?.from ?? table.name
    const old = findTable(before, former)
    if (!old) return []
    return table.columns.flatMap((column) =>
      faultOf(formerColumn(old, table, { column, due }), column).map(([code, message]) => ({
        path: `${table.name}.${column.name}`,
        code,
        message,
      })),
    )
  })
}

function formerColumn(
  old: Table,
  table: Table,
  { column, due }: { readonly column: Column; readonly due: DueRenames },
): Column | undefined {
  const renames = due.columns.find((entry) => entry.table === table.name)?.renames ?? []
  const from = renames.find(({ to }) => to === column.name)?.from
  const isTaken = renames.some((rename) => rename.from === column.name)
  if (from === undefined && isTaken) return undefined
  return findColumn(old, from ?? column.name)
}

function faultOf(former: Column | undefined, column: Column): [code: string, message: string][] {
  if (!former) return needsEmptyTable(column) ? [newAndRequired] : []
  if (former.kind !== column.kind) {
    if (column.name === 'id') return [idChanged]
    if (!findConversion(former.kind, column.kind)) return [unconvertible(former, column)]
  }
  const needsFill = former.isOptional && needsEmptyTable(column)
  return needsFill ? [becomesRequired] : []
}

const newAndRequired: [string, string] = [
  'required',
  'Is new, required and without a default: rows that are there would have no value. ' +
    'Give it .default(…), or make it .optional().',
]

const becomesRequired: [string, string] = [
  'required',
  'Becomes required and has no default: rows may be there without a value. Give it .default(…), which fills them; ' +
    'or write a migration by hand that fills them by an sql operation, then has change_column.',
]

const idChanged: [string, string] = [
  'id',
  'An id cannot become one of another kind: other tables hold it. Make a new model and move its rows.',
]

function unconvertible(former: Column, column: Column): [string, string] {
  return [
    'kind',
    `Was ${former.kind} and becomes ${column.kind}, which needs judgement. Add a field of another name, ` +
      'move the values by an sql operation, and remove this one.',
  ]
}
