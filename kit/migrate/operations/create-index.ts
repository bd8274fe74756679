import { z } from 'zod'
import { Problem } from '#kit/core'
import { createIndexSteps } from '../engine/index-sql.ts'
import { postgresIndexes } from '../engine/postgres-ddl.ts'
import { sqliteIndexes } from '../engine/sqlite-ddl.ts'
import { getTable, withTable } from '../snapshot.ts'
import { assertIndexFits } from './index-fits.ts'
import { defineOperation, each, never, nothing } from './kind.ts'
import { indexSchema, nameSchema } from './schemas.ts'

export const createIndex = defineOperation({
  name: 'create_index',
  schema: z.strictObject({ op: z.literal('create_index'), table: nameSchema, index: indexSchema }),
  subject: ({ index }) => index.name,
  apply: ({ table: name, index }, before) => {
    const table = getTable(before, name)
    if (table.indexes.some((other) => other.name === index.name)) {
      throw new Problem('conflict', `There is an index "${index.name}" already.`)
    }
    assertIndexFits(table, index)
    return withTable(before, { ...table, indexes: [...table.indexes, index] })
  },
  invert: ({ table, index }) => ({ op: 'drop_index', table, name: index.name }),
  losses: nothing,
  canOrphan: never,
  steps: {
    sqlite: each(({ operation: { table, index }, after }) =>
      createIndexSteps(sqliteIndexes, getTable(after, table), index),
    ),
    postgres: each(({ operation: { table, index }, after }) =>
      createIndexSteps(postgresIndexes, getTable(after, table), index),
    ),
  },
})
