import { z } from 'zod'
import { Problem } from '#kit/core'
import * as postgres from '../engine/postgres-ddl.ts'
import * as sqlite from '../engine/sqlite-ddl.ts'
import { findTable, getColumn, type Table, withTable } from '../snapshot.ts'
import { assertIndexFits } from './index-fits.ts'
import { defineOperation, each, never, nothing } from './kind.ts'
import { tableSchema } from './schemas.ts'

export const createTable = defineOperation({
  name: 'create_table',
  schema: z.strictObject({ op: z.literal('create_table'), table: tableSchema }),
  subject: ({ table }) => table.name,
  apply: ({ table }, before) => {
    if (findTable(before, table.name)) {
      throw new Problem('conflict', `There is a table "${table.name}" already.`)
    }
    assertWhole(table)
    return withTable(before, table)
  },
  invert: ({ table }) => ({ op: 'drop_table', table: table.name }),
  losses: nothing,
  canOrphan: never,
  steps: {
    sqlite: each(({ operation }) => sqlite.createTableSteps(operation.table)),
    postgres: each(({ operation, before }) => postgres.createTableSteps(operation.table, before)),
  },
})

function assertWhole(table: Table): void {
  getColumn(table, 'id')
  const names = table.columns.map(({ name }) => name)
  const twice = names.find((name, place) => names.indexOf(name) !== place)
  if (twice) throw new Problem('conflict', `Table "${table.name}" has two columns "${twice}".`)
  for (const index of table.indexes) assertIndexFits(table, index)
}
