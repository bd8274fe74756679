import { z } from 'zod'
import { Problem } from '#kit/core'
import { quote } from '../engine/sql-text.ts'
import { rebuildSteps } from '../engine/sqlite-ddl.ts'
import { getColumn, getTable, namedByMark, withTable } from '../snapshot.ts'
import { columnsOf } from './index-fits.ts'
import { defineOperation, each, never } from './kind.ts'
import { nameSchema } from './schemas.ts'

export const dropColumn = defineOperation({
  name: 'drop_column',
  schema: z.strictObject({ op: z.literal('drop_column'), table: nameSchema, name: nameSchema }),
  subject: ({ table, name }) => `${table}.${name}`,
  apply: ({ table: tableName, name }, before) => {
    const table = getTable(before, tableName)
    getColumn(table, name)
    if (name === 'id') throw new Problem('conflict', `Table "${tableName}" cannot be without id.`)
    const index = table.indexes.find((candidate) => columnsOf(candidate).includes(name))
    if (index) {
      throw new Problem('conflict', `Drop index "${index.name}" first: it names column "${name}".`)
    }
    if (namedByMark(before, tableName).includes(name)) {
      const detail = `Column "${tableName}.${name}" says which rows may be deleted. Change that first.`
      throw new Problem('conflict', detail)
    }
    const columns = table.columns.filter((column) => column.name !== name)
    return withTable(before, { ...table, columns })
  },
  invert: ({ table, name }, before) => ({
    op: 'add_column',
    table,
    column: getColumn(getTable(before, table), name),
  }),
  losses: ({ table, name }) => [
    { text: `column ${table}.${name} with its values`, table, subject: `${table}.${name}` },
  ],
  follow: ({ table, name }, place) =>
    place.table === table && place.column === name ? undefined : place,
  canOrphan: never,
  steps: {
    sqlite: each(({ operation: { table, name }, before, after }) =>
      // SQLite does not drop a column that is part of a reference.
      getColumn(getTable(before, table), name).references
        ? rebuildSteps(getTable(before, table), getTable(after, table))
        : [`ALTER TABLE ${quote(table)} DROP COLUMN ${quote(name)}`],
    ),
    postgres: each(({ operation: { table, name } }) => [
      `ALTER TABLE ${quote(table)} DROP COLUMN ${quote(name)}`,
    ]),
  },
})
