import { isDeepStrictEqual } from 'node:util'
import { createIndexSql, createIndexSteps } from '../engine/index-sql.ts'
import { addReferenceSql, dropReferenceSql, postgresIndexes } from '../engine/postgres-ddl.ts'
import { kindOf, literal, quote } from '../engine/sql-text.ts'
import type { Step } from '../engine/step.ts'
import { findTable, getTable, type IndexSnapshot, type Snapshot } from '../snapshot.ts'
import { needsEmptyTable } from './add-column.ts'
import {
  becomesRequired,
  type ColumnChange,
  conversionOf,
  filled,
  formerColumn,
} from './conversion-of.ts'
import { onColumn } from './index-fits.ts'

interface Alteration {
  readonly operation: ColumnChange
  readonly before: Snapshot
  readonly after: Snapshot
}

/** What PostgreSQL runs to make a column another. */
export function alterColumnSteps(alteration: Alteration): Step[] {
  const { operation, before, after } = alteration
  const { table, column } = operation
  const former = formerColumn(operation, before)
  const alter = `ALTER TABLE ${quote(table)} ALTER COLUMN ${quote(column.name)}`
  const indexes = indexesToRemake(alteration)
  const made = getTable(after, table)
  return [
    ...indexes.map(({ name }) => `DROP INDEX ${quote(name)}`),
    ...dropFormerReference(alteration),
    ...(former.default === undefined ? [] : [`${alter} DROP DEFAULT`]),
    ...retypeSteps(alteration, alter),
    ...(column.default === undefined
      ? []
      : [`${alter} SET DEFAULT ${literal('postgres', column.kind, column.default)}`]),
    ...(becomesRequired(operation, before) ? requireSteps(operation, alter) : []),
    ...(column.isOptional && !former.isOptional ? [`${alter} DROP NOT NULL`] : []),
    ...addNewReference(alteration),
    ...indexes.flatMap((index) => createIndexSteps(postgresIndexes, made, index)),
  ]
}

const typeOf = (kind: string) => kindOf(kind).column.postgres

/**
 * An expression or a condition on the column may not fit another type, and values that have changed may be the
 * same now, which is told with a clear text where the index is made anew.
 */
function indexesToRemake({ operation, before, after }: Alteration): IndexSnapshot[] {
  const { table, column } = operation
  const isRetyped = typeOf(formerColumn(operation, before).kind) !== typeOf(column.kind)
  const sqlIn = (snapshot: Snapshot, index: IndexSnapshot) =>
    createIndexSql(postgresIndexes, getTable(snapshot, table), index)
  return onColumn(getTable(before, table), column.name).filter(
    (index) => isRetyped || sqlIn(before, index) !== sqlIn(after, index),
  )
}

function retypeSteps({ operation, before }: Alteration, alter: string): string[] {
  const { column } = operation
  const type = typeOf(column.kind)
  if (typeOf(formerColumn(operation, before).kind) === type) return []
  const value = conversionOf(operation, before).value.postgres(quote(column.name))
  return [`${alter} TYPE ${type} USING ${value}`]
}

function requireSteps({ table, column }: ColumnChange, alter: string): string[] {
  const name = quote(column.name)
  const fill = `UPDATE ${quote(table)} SET ${name} = ${filled('postgres', column, name)} WHERE ${name} IS NULL`
  return [...(needsEmptyTable(column) ? [] : [fill]), `${alter} SET NOT NULL`]
}

function isReferenceChanged({ operation, before }: Alteration): boolean {
  const { references } = formerColumn(operation, before)
  return !isDeepStrictEqual(references, operation.column.references)
}

function dropFormerReference(alteration: Alteration): string[] {
  const { operation, before } = alteration
  if (!isReferenceChanged(alteration) || !formerColumn(operation, before).references) return []
  return [dropReferenceSql(operation.table, operation.column.name)]
}

function addNewReference(alteration: Alteration): string[] {
  const { table, column } = alteration.operation
  const { references } = column
  if (!isReferenceChanged(alteration) || !references) return []
  return findTable(alteration.before, references.table) ? [addReferenceSql(table, column)] : []
}
