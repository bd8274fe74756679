import { createHash } from 'node:crypto'
import type { IndexSnapshot } from './snapshot.ts'

/** PostgreSQL cuts longer names off. */
const longest = 63

/**
 * The name of an index: its table and fields, and what sets it apart from a plain one on the same fields.
 * It begins with `table_field_…` unless that is too long.
 */
export function indexName(table: string, index: Omit<IndexSnapshot, 'name'>): string {
  const parts = [table, ...index.fields]
  if (index.unique) parts.push('unique')
  if (index.ignoreCase) parts.push('nocase')
  if (index.where) parts.push(digest(JSON.stringify(index.where)))
  return shorten(parts.join('_'))
}

export function primaryKeyName(table: string): string {
  return shorten(`${table}_pkey`)
}

/** The name of the constraint that holds a reference, where the engine names it. */
export function referenceName(table: string, column: string): string {
  return shorten(`${table}_${column}_fkey`)
}

/** The name of what keeps the rows of a table from changes; `what` tells apart where several do. */
export function guardName(table: string, what = ''): string {
  return shorten(`${table}_append_only${what && `_${what}`}`)
}

function shorten(name: string): string {
  return name.length <= longest ? name : `${name.slice(0, longest - 9)}_${digest(name)}`
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}
