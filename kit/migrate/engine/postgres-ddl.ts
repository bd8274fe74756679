import { primaryKeyName, referenceName } from '../names.ts'
import { type Column, findTable, type Snapshot, type Table } from '../snapshot.ts'
import { createIndexSql, type IndexDialect } from './index-sql.ts'
import { kindOf, literal, quote } from './sql-text.ts'

export const postgresIndexes: IndexDialect = Object.freeze({
  name: 'postgres',
  fold: (column: string) => `lower(${column} COLLATE "C")`,
})

/** A column of CREATE TABLE and ADD COLUMN, without its reference. */
export function columnSql(column: Column, table: string): string {
  const parts = [quote(column.name), kindOf(column.kind).column.postgres]
  if (column.name === 'id') parts.push(`CONSTRAINT ${quote(primaryKeyName(table))} PRIMARY KEY`)
  else if (!column.isOptional) parts.push('NOT NULL')
  if (column.default !== undefined) {
    parts.push(`DEFAULT ${literal('postgres', column.kind, column.default)}`)
  }
  return parts.join(' ')
}

/**
 * The table with its indexes and references. A reference to a table that is still to come is made with
 * that one, so that tables may refer to one another.
 */
export function createTableSteps(table: Table, before: Snapshot): string[] {
  const waiting = before.tables.flatMap((other) =>
    other.columns
      .filter((column) => column.references?.table === table.name)
      .map((column) => addReferenceSql(other.name, column)),
  )
  const own = table.columns
    .filter(({ references }) => references && isThere(references.table, table, before))
    .map((column) => addReferenceSql(table.name, column))
  const columns = table.columns.map((column) => columnSql(column, table.name))
  return [
    `CREATE TABLE ${quote(table.name)} (${columns.join(', ')})`,
    ...own,
    ...waiting,
    ...table.indexes.map((index) => createIndexSql(postgresIndexes, table, index)),
  ]
}

function isThere(name: string, table: Table, before: Snapshot): boolean {
  return name === table.name || findTable(before, name) !== undefined
}

export function addReferenceSql(table: string, column: Column): string {
  const { references } = column
  if (!references) throw new TypeError(`Column ${table}.${column.name} is no reference.`)
  const name = quote(referenceName(table, column.name))
  return (
    `ALTER TABLE ${quote(table)} ADD CONSTRAINT ${name} FOREIGN KEY (${quote(column.name)})` +
    ` REFERENCES ${quote(references.table)} ("id") ON DELETE ${references.onDelete.toUpperCase()}`
  )
}

export function dropReferenceSql(table: string, column: string): string {
  return `ALTER TABLE ${quote(table)} DROP CONSTRAINT IF EXISTS ${quote(referenceName(table, column))}`
}
