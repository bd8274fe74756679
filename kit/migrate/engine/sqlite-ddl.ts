import type { Column, Table } from '../snapshot.ts'
import { createIndexSql, createIndexSteps, type IndexDialect } from './index-sql.ts'
import { kindOf, literal, quote, quoteText } from './sql-text.ts'
import type { Step } from './step.ts'

export const sqliteIndexes: IndexDialect = Object.freeze({
  name: 'sqlite',
  // The repository compares with this very expression; another spelling would leave the index unused.
  fold: (column: string) => `lower(${column})`,
})

/** A column of CREATE TABLE and ADD COLUMN. */
export function columnSql(column: Column): string {
  const kind = kindOf(column.kind)
  const parts = [quote(column.name), kind.column.sqlite]
  if (column.name === 'id') parts.push('PRIMARY KEY')
  if (kind.isSerial) parts.push('AUTOINCREMENT')
  else if (!column.isOptional) parts.push('NOT NULL')
  if (column.default !== undefined) {
    parts.push(`DEFAULT ${literal('sqlite', column.kind, column.default)}`)
  }
  if (column.references) {
    const { table, onDelete } = column.references
    parts.push(`REFERENCES ${quote(table)} ("id") ON DELETE ${onDelete.toUpperCase()}`)
  }
  return parts.join(' ')
}

export function createTableSql(table: Table, name = table.name): string {
  return `CREATE TABLE ${quote(name)} (${table.columns.map(columnSql).join(', ')}) STRICT`
}

export function createTableSteps(table: Table): string[] {
  return [createTableSql(table), ...createIndexesSql(table)]
}

export function createIndexesSql(table: Table): string[] {
  return table.indexes.map((index) => createIndexSql(sqliteIndexes, table, index))
}

/**
 * Makes a table anew where ALTER TABLE cannot change it, in the order of
 * https://sqlite.org/lang_altertable.html#otheralter; its first and last steps (foreign keys off, their check)
 * are the runner's. `copied` gives the expressions of columns that are not copied as they are.
 */
export function rebuildSteps(
  before: Table,
  after: Table,
  copied: Readonly<Record<string, string>> = {},
): Step[] {
  const made = `plinth_new_${after.name}`
  const names = after.columns
    .map(({ name }) => name)
    .filter((name) => name in copied || before.columns.some((column) => column.name === name))
  const into = names.map(quote).join(', ')
  const from = names.map((name) => copied[name] ?? quote(name)).join(', ')
  return setAside([
    createTableSql(after, made),
    `INSERT INTO ${quote(made)} (${into}) SELECT ${from} FROM ${quote(before.name)}`,
    ...(isNumbered(before) && isNumbered(after) ? keepNumbering(before.name, made) : []),
    `DROP TABLE ${quote(before.name)}`,
    `ALTER TABLE ${quote(made)} RENAME TO ${quote(after.name)}`,
    // Values that have changed may be the same now.
    ...after.indexes.flatMap((index) => createIndexSteps(sqliteIndexes, after, index)),
  ])
}

function isNumbered(table: Table): boolean {
  return table.columns.some((column) => kindOf(column.kind).isSerial)
}

/** A number once given is never given again, also where its row has gone. */
function keepNumbering(from: string, to: string): string[] {
  return [
    `DELETE FROM sqlite_sequence WHERE name = ${quoteText(to)}`,
    `INSERT INTO sqlite_sequence (name, seq) SELECT ${quoteText(to)}, seq FROM sqlite_sequence WHERE name = ${quoteText(from)}`,
  ]
}

/** Views and triggers made by hand: a dropped table takes its own with it, and any of them bars a rename. */
function setAside(steps: readonly Step[]): Step[] {
  return [
    {
      query:
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger', 'view') ORDER BY type, rowid",
      decide: (rows) => {
        const drops = rows.map(({ type, name }) => `DROP ${type} IF EXISTS ${quote(String(name))}`)
        const sqlOf = (wanted: string) =>
          rows.filter(({ type }) => type === wanted).map(({ sql }) => String(sql))
        return [...drops, ...steps, ...sqlOf('view'), ...sqlOf('trigger')]
      },
    },
  ]
}
