import { z } from 'zod'
import { dropReferenceSql } from '../engine/postgres-ddl.ts'
import { quote } from '../engine/sql-text.ts'
import { getTable, withoutTable } from '../snapshot.ts'
import { always, defineOperation, each } from './kind.ts'
import { nameSchema } from './schemas.ts'

export const dropTable = defineOperation({
  name: 'drop_table',
  schema: z.strictObject({ op: z.literal('drop_table'), table: nameSchema }),
  subject: ({ table }) => table,
  apply: ({ table }, before) => withoutTable(before, getTable(before, table).name),
  invert: ({ table }, before) => ({ op: 'create_table', table: getTable(before, table) }),
  losses: ({ table }) => [{ text: `table ${table} with its rows`, table, subject: table }],
  follow: ({ table }, place) => (place.table === table ? undefined : place),
  canOrphan: always,
  steps: {
    sqlite: each(({ operation }) => [`DROP TABLE ${quote(operation.table)}`]),
    // References to it go first; those that are still declared wait for the table to come back. CASCADE would take
    // views made by hand with it.
    postgres: each(({ operation: { table }, before }) => [
      ...before.tables
        .filter(({ name }) => name !== table)
        .flatMap(({ name, columns }) =>
          columns
            .filter(({ references }) => references?.table === table)
            .map((column) => dropReferenceSql(name, column.name)),
        ),
      `DROP TABLE ${quote(table)}`,
    ]),
  },
})
