import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { Problem } from '#kit/core'
import type { DialectName } from '#kit/model'
import { type Conversion, findConversion } from '../conversions.ts'
import { addReferenceSql, dropReferenceSql } from '../engine/postgres-ddl.ts'
import { kindOf, literal, quote } from '../engine/sql-text.ts'
import { rebuildSteps } from '../engine/sqlite-ddl.ts'
import { refuseIfFound, type Step } from '../engine/step.ts'
import {
  type Column,
  findTable,
  getColumn,
  getTable,
  type Snapshot,
  withTable,
} from '../snapshot.ts'
import { needsEmptyTable } from './add-column.ts'
import { defineOperation } from './kind.ts'
import { columnSchema, nameSchema } from './schemas.ts'

const schema = z.strictObject({
  op: z.literal('change_column'),
  table: nameSchema,
  column: columnSchema,
})
type ChangeColumn = z.output<typeof schema>

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
    return loses ? [{ text: `${loses} in column ${table}.${column.name}`, table }] : []
  },
  canOrphan: true,
  steps: {
    sqlite: ({ operation, before, after }) => [
      ...guards('sqlite', operation, before),
      ...rebuildSteps(getTable(before, operation.table), getTable(after, operation.table), {
        [operation.column.name]: filled(
          'sqlite',
          operation,
          conversionOf(operation, before).value.sqlite(quote(operation.column.name)),
        ),
      }),
    ],
    postgres: ({ operation, before }) => [
      ...guards('postgres', operation, before),
      ...alterSteps(operation, before),
    ],
  },
})

function formerColumn({ table, column }: ChangeColumn, before: Snapshot): Column {
  return getColumn(getTable(before, table), column.name)
}

function conversionOf(operation: ChangeColumn, before: Snapshot): Conversion {
  const former = formerColumn(operation, before)
  const { table, column } = operation
  const conversion = findConversion(former.kind, column.kind)
  if (conversion) return conversion
  throw new Problem(
    'conflict',
    `Column "${table}.${column.name}" cannot become ${column.kind}: its values are ${former.kind}.`,
  )
}

function becomesRequired(operation: ChangeColumn, before: Snapshot): boolean {
  return formerColumn(operation, before).isOptional && !operation.column.isOptional
}

/** Refuses where there are values that the column could not hold. */
function guards(dialect: DialectName, operation: ChangeColumn, before: Snapshot): Step[] {
  const { table, column } = operation
  const name = quote(column.name)
  const { refused } = conversionOf(operation, before)
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
  if (becomesRequired(operation, before) && needsEmptyTable(column)) {
    steps.push(
      refuseIfFound(
        query(`${name} IS NULL`),
        `Rows of ${table} have no ${column.name}, which becomes required. Give them one first, or the column a default.`,
      ),
    )
  }
  return steps
}

/** The converted value; where there is none and one is needed, the default. */
function filled(dialect: DialectName, { column }: ChangeColumn, value: string): string {
  const hasFill = !column.isOptional && column.default !== undefined
  return hasFill ? `coalesce(${value}, ${literal(dialect, column.kind, column.default)})` : value
}

function alterSteps(operation: ChangeColumn, before: Snapshot): string[] {
  const { table, column } = operation
  const former = formerColumn(operation, before)
  const alter = `ALTER TABLE ${quote(table)} ALTER COLUMN ${quote(column.name)}`
  const type = kindOf(column.kind).column.postgres
  const value = conversionOf(operation, before).value.postgres(quote(column.name))
  const isRetyped = former.kind !== column.kind
  const isReferenceChanged = !isDeepStrictEqual(former.references, column.references)
  const { references } = column
  return [
    ...(isReferenceChanged && former.references ? [dropReferenceSql(table, column.name)] : []),
    ...(former.default === undefined ? [] : [`${alter} DROP DEFAULT`]),
    ...(isRetyped ? [`${alter} TYPE ${type} USING ${value}`] : []),
    ...(column.default === undefined
      ? []
      : [`${alter} SET DEFAULT ${literal('postgres', column.kind, column.default)}`]),
    ...(becomesRequired(operation, before) ? requireSteps(operation, alter) : []),
    ...(column.isOptional && !former.isOptional ? [`${alter} DROP NOT NULL`] : []),
    ...(isReferenceChanged && references && findTable(before, references.table)
      ? [addReferenceSql(table, column)]
      : []),
  ]
}

function requireSteps(operation: ChangeColumn, alter: string): string[] {
  const name = quote(operation.column.name)
  const fill = `UPDATE ${quote(operation.table)} SET ${name} = ${filled('postgres', operation, name)} WHERE ${name} IS NULL`
  return [...(needsEmptyTable(operation.column) ? [] : [fill]), `${alter} SET NOT NULL`]
}
