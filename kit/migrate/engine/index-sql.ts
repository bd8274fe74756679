import type { DialectName, RowCondition } from '#kit/model'
import { getColumn, type IndexSnapshot, type Table } from '../snapshot.ts'
import { kindOf, literal, quote } from './sql-text.ts'
import { refuseIfFound, type Step } from './step.ts'

/** What an index statement needs to know of an engine. */
export interface IndexDialect {
  readonly name: DialectName
  /** The text with A–Z as a–z, of a quoted column. */
  readonly fold: (column: string) => string
}

export function createIndexSql(dialect: IndexDialect, table: Table, index: IndexSnapshot): string {
  const create = index.unique ? 'CREATE UNIQUE INDEX' : 'CREATE INDEX'
  const parts = indexParts(dialect, table, index).join(', ')
  const where = conditionSql(dialect.name, table, index.where)
  return `${create} ${quote(index.name)} ON ${quote(table.name)} (${parts})${where ? ` WHERE ${where}` : ''}`
}

/** What the index is on: columns, or expressions of them. */
function indexParts(dialect: IndexDialect, table: Table, index: IndexSnapshot): string[] {
  return index.fields.map((name) => {
    const isFolded = index.ignoreCase && kindOf(getColumn(table, name).kind).isText
    return isFolded ? dialect.fold(quote(name)) : quote(name)
  })
}

function conditionSql(dialect: DialectName, table: Table, where: RowCondition | undefined): string {
  return Object.entries(where ?? {})
    .map(([name, value]) =>
      value === null
        ? `${quote(name)} IS NULL`
        : `${quote(name)} = ${literal(dialect, getColumn(table, name).kind, value)}`,
    )
    .join(' AND ')
}

/** Makes the index; a unique one is refused with a clear text where rows are in its way. */
export function createIndexSteps(
  dialect: IndexDialect,
  table: Table,
  index: IndexSnapshot,
): Step[] {
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
    `Rows of ${table.name} would have the same ${index.fields.join(', ')}, which is to be unique. Make them different first.`,
  )
}
