import { z } from 'zod'
import { quote } from '../engine/sql-text.ts'
import { getIndex, getTable, withTable } from '../snapshot.ts'
import { defineOperation, each, never, nothing } from './kind.ts'
import { nameSchema } from './schemas.ts'

export const dropIndex = defineOperation({
  name: 'drop_index',
  schema: z.strictObject({ op: z.literal('drop_index'), table: nameSchema, name: nameSchema }),
  subject: ({ name }) => name,
  apply: ({ table: tableName, name }, before) => {
    const table = getTable(before, tableName)
    const dropped = getIndex(table, name)
    return withTable(before, {
      ...table,
      indexes: table.indexes.filter((index) => index !== dropped),
    })
  },
  invert: ({ table, name }, before) => ({
    op: 'create_index',
    table,
    index: getIndex(getTable(before, table), name),
  }),
  losses: nothing,
  canOrphan: never,
  steps: {
    sqlite: each(({ operation }) => [`DROP INDEX ${quote(operation.name)}`]),
    postgres: each(({ operation }) => [`DROP INDEX ${quote(operation.name)}`]),
  },
})
