import { z } from 'zod'
import { Problem } from '#kit/core'
import * as postgres from '../engine/postgres-ddl.ts'
import { quote } from '../engine/sql-text.ts'
import * as sqlite from '../engine/sqlite-ddl.ts'
import { type Inquiry, refuseIfFound } from '../engine/step.ts'
import { type Column, findColumn, findTable, getTable, withTable } from '../snapshot.ts'
import { defineOperation, each, nothing } from './kind.ts'
import { columnSchema, nameSchema } from './schemas.ts'

export const addColumn = defineOperation({
  name: 'add_column',
  schema: z.strictObject({ op: z.literal('add_column'), table: nameSchema, column: columnSchema }),
  subject: ({ table, column }) => `${table}.${column.name}`,
  apply: ({ table: name, column }, before) => {
    const table = getTable(before, name)
    if (findColumn(table, column.name)) {
      throw new Problem('conflict', `Table "${name}" has a column "${column.name}" already.`)
    }
    return withTable(before, { ...table, columns: [...table.columns, column] })
  },
  invert: ({ table, column }) => ({ op: 'drop_column', table, name: column.name }),
  losses: nothing,
  // Rows get the default, if anything; another value than that, and none at all, refer to nothing.
  canOrphan: ({ column }) => column.references !== undefined && column.default !== undefined,
  steps: {
    sqlite: each(({ operation: { table, column }, before, after }) =>
      needsEmptyTable(column)
        ? [
            refuseWhereRows(table, column),
            ...sqlite.rebuildSteps(getTable(before, table), getTable(after, table)),
          ]
        : [`ALTER TABLE ${quote(table)} ADD COLUMN ${sqlite.columnSql(column)}`],
    ),
    postgres: each(({ operation: { table, column }, before }) => [
      ...(needsEmptyTable(column) ? [refuseWhereRows(table, column)] : []),
      `ALTER TABLE ${quote(table)} ADD COLUMN ${postgres.columnSql(column, table)}`,
      ...(column.references && findTable(before, column.references.table)
        ? [postgres.addReferenceSql(table, column)]
        : []),
    ]),
  },
})

/** Whether the rows that are there would have no value in it. */
export function needsEmptyTable(column: Column): boolean {
  return !column.isOptional && column.default === undefined
}

function refuseWhereRows(table: string, { name }: Column): Inquiry {
  return refuseIfFound(
    `SELECT 1 FROM ${quote(table)}`,
    `The rows of ${table} would have no value in ${name}, which is required and has no default. ` +
      'Give the column a default in this operation, or make it optional, or empty the table.',
  )
}
