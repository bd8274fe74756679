import { z } from 'zod'
import { Problem } from '#kit/core'
import { postgresIndexes } from '../engine/postgres-ddl.ts'
import {
  conditionSql,
  createIndexSql,
  type IndexDialect,
  indexParts,
  quote,
} from '../engine/sql-text.ts'
import { sqliteIndexes } from '../engine/sqlite-ddl.ts'
import { refuseIfFound, type Step } from '../engine/step.ts'
import { getTable, type IndexSnapshot, type Table, withTable } from '../snapshot.ts'
import { assertIndexFits } from './index-fits.ts'
import { defineOperation, nothing } from './kind.ts'
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
  canOrphan: false,
  steps: {
    sqlite: ({ operation: { table, index }, after }) =>
      createSteps(sqliteIndexes, getTable(after, table), index),
    postgres: ({ operation: { table, index }, after }) =>
      createSteps(postgresIndexes, getTable(after, table), index),
  },
})

function createSteps(dialect: IndexDialect, table: Table, index: IndexSnapshot): Step[] {
  const create = createIndexSql(dialect, table, index)
  return index.unique ? [refuseTwins(dialect, table, index), create] : [create]
}

function refuseTwins(dialect: IndexDialect, table: Table, index: IndexSnapshot): Step {
  const condition = conditionSql(dialect.name, table, index.where)
  // Rows without a value are never twins.
  const given = index.fields.map((name) => `${quote(name)} IS NOT NULL`)
  const where = [...given, ...(condition ? [condition] : [])].join(' AND ')
  const parts = indexParts(dialect, table, index).join(', ')
  return refuseIfFound(
    `SELECT 1 FROM ${quote(table.name)} WHERE ${where} GROUP BY ${parts} HAVING count(*) > 1`,
    `Rows of ${table.name} have the same ${index.fields.join(', ')}, which shall be unique. Make them different first.`,
  )
}
