import { z } from 'zod'
import { Problem } from '#kit/core'
import type { DialectName } from '#kit/model'
import { createIndexSql, createIndexSteps } from '../engine/index-sql.ts'
import { quote } from '../engine/sql-text.ts'
import { columnSql, rebuildSteps, sqliteIndexes } from '../engine/sqlite-ddl.ts'
import { refuseIfFound, type Step } from '../engine/step.ts'
import { getTable, type Snapshot, withTable } from '../snapshot.ts'
import { needsEmptyTable } from './add-column.ts'
import { alterColumnSteps } from './alter-column.ts'
import {
  becomesRequired,
  type ColumnChange,
  conversionOf,
  filled,
  formerColumn,
} from './conversion-of.ts'
import { onColumn } from './index-fits.ts'
import { type Change, type Changes, defineOperation, each } from './kind.ts'
import { columnSchema, nameSchema } from './schemas.ts'

const schema = z.strictObject({
  op: z.literal('change_column'),
  table: nameSchema,
  column: columnSchema,
})

export const changeColumn = defineOperation({
  name: 'change_column',
  schema,
  subject: ({ table, column }) => `${table}.${column.name}`,
  apply: (operation, before) => {
    const { table, column } = operation
    if (column.name === 'id') {
      throw new Problem('conflict', `The id of table "${table}" cannot be changed.`)
    }
    conversionOf(operation, before)
    const found = getTable(before, table)
    const columns = found.columns.map((other) => (other.name === column.name ? column : other))
    return withTable(before, { ...found, columns })
  },
  invert: (operation, before) => ({
    op: 'change_column',
    table: operation.table,
    column: formerColumn(operation, before),
  }),
  losses: (operation, before) => {
    const { table, column } = operation
    const { loses } = conversionOf(operation, before)
    const subject = `${table}.${column.name}`
    return loses ? [{ text: `${loses} in column ${subject}`, table, subject }] : []
  },
  canOrphan: () => true,
  joins: (operation, next) =>
    operation.table === next.table && operation.column.name !== next.column.name,
  steps: {
    sqlite: (changes) => [
      ...changes.flatMap(({ operation, before }) => guards('sqlite', operation, before)),
      ...remakeSteps(changes),
    ],
    postgres: each((change) => [
      ...guards('postgres', change.operation, change.before),
      ...alterColumnSteps(change),
    ]),
  },
})

/** SQLite cannot change a column: the table is made anew, once for all of them, unless nothing in it differs. */
function remakeSteps(changes: Changes<ColumnChange>): readonly Step[] {
  const [{ operation, before }] = changes
  const after = changes.at(-1)?.after ?? before
  if (changes.every(isSameTable)) return changes.flatMap(remakeIndexSteps)
  const copied = Object.fromEntries(
    changes.map((change) => [change.operation.column.name, copy(change)]),
  )
  return rebuildSteps(getTable(before, operation.table), getTable(after, operation.table), copied)
}

/** What the new table gets from the old one. */
function copy({ operation, before }: Change<ColumnChange>): string {
  const { column } = operation
  const { value } = conversionOf(operation, before)
  return filled('sqlite', column, value.sqlite(quote(column.name)))
}

/** Whether the kinds, though different, are one to SQLite: the same column with the same values. */
function isSameTable({ operation, before }: Change<ColumnChange>): boolean {
  const { column } = operation
  const { value } = conversionOf(operation, before)
  return (
    columnSql(formerColumn(operation, before)) === columnSql(column) &&
    value.sqlite(quote(column.name)) === quote(column.name)
  )
}

/** A text and a choice are compared in different ways. */
function remakeIndexSteps({ operation: { table, column }, before, after }: Change<ColumnChange>) {
  const [old, made] = [getTable(before, table), getTable(after, table)]
  return onColumn(old, column.name)
    .filter(
      (index) =>
        createIndexSql(sqliteIndexes, old, index) !== createIndexSql(sqliteIndexes, made, index),
    )
    .flatMap((index): Step[] => [
      `DROP INDEX ${quote(index.name)}`,
      ...createIndexSteps(sqliteIndexes, made, index),
    ])
}

/** Refuses where there are values that the column could not hold. */
function guards(dialect: DialectName, change: ColumnChange, before: Snapshot): Step[] {
  const { table, column } = change
  const name = quote(column.name)
  const { refused } = conversionOf(change, before)
  const query = (where: string) => `SELECT 1 FROM ${quote(table)} WHERE ${where}`
  const steps: Step[] = []
  if (refused) {
    steps.push(
      refuseIfFound(
        query(refused[dialect](name)),
        `Rows of ${table} have a ${column.name} that is no ${column.kind}. Correct them first.`,
      ),
    )
  }
  if (becomesRequired(change, before) && needsEmptyTable(column)) {
    steps.push(
      refuseIfFound(
        query(`${name} IS NULL`),
        `Rows of ${table} have no ${column.name}, which becomes required. Give them one first, or the column a default.`,
      ),
    )
  }
  return steps
}
