import { type DialectName, type FieldKind, fieldKinds, type RowCondition } from '#kit/model'
import { getColumn, type IndexSnapshot, type Table } from '../snapshot.ts'

/** What an index statement needs to know of an engine. */
export interface IndexDialect {
  readonly name: DialectName
  /** The text with A–Z as a–z, of a quoted column. */
  readonly fold: (column: string) => string
}

/** A name in SQL. Names of ours are snake_case, checked where they come in; quoting keeps keywords apart. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** The kind of this name. Throws TypeError where there is none. */
export function kindOf(name: string): FieldKind {
  const kind = fieldKinds[name]
  if (!kind) throw new TypeError(`There is no kind of field "${name}".`)
  return kind
}

/** A value of this kind, as the engine spells it in SQL. */
export function literal(dialect: DialectName, kind: string, value: unknown): string {
  if (value === null) return 'NULL'
  const encode = kindOf(kind).encode?.[dialect]
  const encoded = encode ? encode(value) : value
  return typeof encoded === 'number' || typeof encoded === 'boolean'
    ? String(encoded)
    : quoteText(String(encoded))
}

export function createIndexSql(dialect: IndexDialect, table: Table, index: IndexSnapshot): string {
  const create = index.unique ? 'CREATE UNIQUE INDEX' : 'CREATE INDEX'
  const parts = indexParts(dialect, table, index).join(', ')
  const where = conditionSql(dialect.name, table, index.where)
  return `${create} ${quote(index.name)} ON ${quote(table.name)} (${parts})${where ? ` WHERE ${where}` : ''}`
}

/** What the index is on: columns, or expressions of them. */
export function indexParts(dialect: IndexDialect, table: Table, index: IndexSnapshot): string[] {
  return index.fields.map((name) => {
    const isFolded = index.ignoreCase && kindOf(getColumn(table, name).kind).isText
    return isFolded ? dialect.fold(quote(name)) : quote(name)
  })
}

export function conditionSql(
  dialect: DialectName,
  table: Table,
  where: RowCondition | undefined,
): string {
  return Object.entries(where ?? {})
    .map(([name, value]) =>
      value === null
        ? `${quote(name)} IS NULL`
        : `${quote(name)} = ${literal(dialect, getColumn(table, name).kind, value)}`,
    )
    .join(' AND ')
}
