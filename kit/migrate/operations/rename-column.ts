import { z } from 'zod'
import { Problem } from '#kit/core'
import { createIndexSql } from '../engine/index-sql.ts'
import { quote } from '../engine/sql-text.ts'
import { sqliteIndexes } from '../engine/sqlite-ddl.ts'
import { indexName, referenceName } from '../names.ts'
import {
  findColumn,
  findTable,
  getColumn,
  getTable,
  type IndexSnapshot,
  type Table,
  withMark,
  withTable,
} from '../snapshot.ts'
import { columnsOf, onColumn } from './index-fits.ts'
import { defineOperation, each, never, nothing } from './kind.ts'
import { nameSchema } from './schemas.ts'

export const renameColumn = defineOperation({
  name: 'rename_column',
  schema: z.strictObject({
    op: z.literal('rename_column'),
    table: nameSchema,
    from: nameSchema,
    to: nameSchema,
  }),
  subject: ({ table, from, to }) => `${table}.${from} to ${to}`,
  apply: ({ table: name, from, to }, before) => {
    const table = getTable(before, name)
    const renamed = getColumn(table, from)
    if (from === 'id' || to === 'id') {
      throw new Problem('conflict', `The id of table "${name}" keeps its name.`)
    }
    if (findColumn(table, to)) {
      throw new Problem('conflict', `Table "${name}" has a column "${to}" already.`)
    }
    const made = withTable(before, {
      ...table,
      columns: [...table.columns.filter((column) => column !== renamed), { ...renamed, name: to }],
      indexes: table.indexes.map((index) => renameInIndex(name, index, { from, to })),
    })
    return { tables: made.tables.map((other) => renameInMark(other, { table: name, from, to })) }
  },
  invert: ({ table, from, to }) => ({ op: 'rename_column', table, from: to, to: from }),
  losses: nothing,
  follow: ({ table, from, to }, place) =>
    place.table === table && place.column === from ? { table, column: to } : place,
  canOrphan: never,
  steps: {
    sqlite: each(({ operation: { table, from, to }, before, after }) => {
      const made = getTable(after, table)
      return [
        ...onColumn(getTable(before, table), from).map(({ name }) => `DROP INDEX ${quote(name)}`),
        `ALTER TABLE ${quote(table)} RENAME COLUMN ${quote(from)} TO ${quote(to)}`,
        ...onColumn(made, to).map((index) => createIndexSql(sqliteIndexes, made, index)),
      ]
    }),
    postgres: each(({ operation: { table, from, to }, before }) => {
      const { references } = getColumn(getTable(before, table), from)
      const hasConstraint = references && findTable(before, references.table)
      return [
        `ALTER TABLE ${quote(table)} RENAME COLUMN ${quote(from)} TO ${quote(to)}`,
        ...onColumn(getTable(before, table), from).map((index) => {
          const name = renameInIndex(table, index, { from, to }).name
          return `ALTER INDEX ${quote(index.name)} RENAME TO ${quote(name)}`
        }),
        ...(hasConstraint
          ? [
              `ALTER TABLE ${quote(table)} RENAME CONSTRAINT ${quote(referenceName(table, from))} TO ${quote(referenceName(table, to))}`,
            ]
          : []),
      ]
    }),
  },
})

interface ColumnRename {
  readonly table: string
  readonly from: string
  readonly to: string
}

/** The table, with the mark that it names called by its new name. */
function renameInMark(other: Table, { table, from, to }: ColumnRename): Table {
  const renamed = (of: string, name: string) => (of === table && name === from ? to : name)
  return withMark(other, (until) => ({
    field: renamed(other.name, until.field),
    table: until.table,
    position: renamed(other.name, until.position),
    mark: renamed(until.table, until.mark),
  }))
}

/** The index as it is once a column of the table has its new name. */
export function renameInIndex(
  table: string,
  index: IndexSnapshot,
  { from, to }: { readonly from: string; readonly to: string },
): IndexSnapshot {
  if (!columnsOf(index).includes(from)) return index
  const renamed = (name: string) => (name === from ? to : name)
  const { name: _, where, ...rest } = index
  const condition = Object.entries(where ?? {})
    .map(([name, value]) => [renamed(name), value] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const made = {
    ...rest,
    fields: index.fields.map(renamed),
    ...(where ? { where: Object.fromEntries(condition) } : {}),
  }
  return { name: indexName(table, made), ...made }
}
