import { z } from 'zod'
import { quote } from '../engine/sql-text.ts'
import { getTable, withoutTable } from '../snapshot.ts'
import { defineOperation } from './kind.ts'
import { nameSchema } from './schemas.ts'

export const dropTable = defineOperation({
  name: 'drop_table',
  schema: z.strictObject({ op: z.literal('drop_table'), table: nameSchema }),
  subject: ({ table }) => table,
  apply: ({ table }, before) => withoutTable(before, getTable(before, table).name),
  invert: ({ table }, before) => ({ op: 'create_table', table: getTable(before, table) }),
  losses: ({ table }) => [{ text: `table ${table} with its rows`, table }],
  canOrphan: true,
  steps: {
    sqlite: ({ operation }) => [`DROP TABLE ${quote(operation.table)}`],
    // References to it go with it; those that are still declared wait for the table to come back.
    postgres: ({ operation }) => [`DROP TABLE ${quote(operation.table)} CASCADE`],
  },
})
