import { isDeepStrictEqual } from 'node:util'
import { Problem } from '#kit/core'
import { type AnyField, type AnyModel, type AppendOnly, fieldKinds, type Index } from '#kit/model'
import { indexName } from './names.ts'
import { nameSchema } from './operations/schemas.ts'
import {
  type AppendOnlySnapshot,
  type Column,
  emptySnapshot,
  type IndexSnapshot,
  type Snapshot,
  type Table,
  withTable,
} from './snapshot.ts'

/**
 * The tables of these models as data: the same models answer the same text, in whatever order they and
 * their fields stand. Throws `conflict` where two tables or indexes would have one name, and
 * TypeError for a name that is not in snake_case or too long.
 */
export function toSnapshot(models: readonly AnyModel[]): Snapshot {
  const tables = models.map(toTable)
  for (const { name } of tables) {
    if (tables.filter((table) => table.name === name).length > 1) {
      throw new Problem('conflict', `Two models have the table "${name}".`)
    }
  }
  return tables.reduce((snapshot, table) => withTable(snapshot, table), emptySnapshot)
}

function toTable(model: AnyModel): Table {
  const columns = Object.entries(model.fields).map(([name, field]) => toColumn(name, field))
  const indexes = model.indexes.map((index) => toIndex(model.table, index))
  // A model may declare what it gets anyhow.
  const different = indexes.filter(
    (index, place) => indexes.findIndex((other) => isDeepStrictEqual(other, index)) === place,
  )
  for (const { name } of [{ name: model.table }, ...columns]) assertName(name)
  const { appendOnly } = model
  return {
    name: model.table,
    columns,
    indexes: different,
    ...(appendOnly ? { appendOnly: toRule(appendOnly) } : {}),
  }
}

function toRule({ until }: AppendOnly): AppendOnlySnapshot {
  if (!until) return {}
  const { field, of, position, mark } = until
  return { until: { field, table: of.table, position, mark } }
}

function assertName(name: string): void {
  const parsed = nameSchema.safeParse(name)
  if (!parsed.success) throw new TypeError(`"${name}": ${parsed.error.issues[0]?.message}`)
}

function toColumn(name: string, { spec }: AnyField): Column {
  const { kind, references } = spec.use
  if (!fieldKinds[kind.name]) throw new TypeError(`Field ${name}: no such kind, ${kind.name}.`)
  const { isOptional } = spec
  const hasDefault = spec.hasDefault && spec.defaultValue !== null
  return {
    name,
    kind: kind.name,
    isOptional,
    ...(hasDefault ? { default: spec.defaultValue } : {}),
    ...(references
      ? { references: { table: references.model().table, onDelete: references.onDelete } }
      : {}),
  }
}

function toIndex(table: string, { fields, unique, ignoreCase, where }: Index): IndexSnapshot {
  const condition = Object.entries(where ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  const index = {
    fields: [...fields],
    unique,
    ignoreCase,
    ...(condition.length > 0 ? { where: Object.fromEntries(condition) } : {}),
  }
  return { name: indexName(table, index), ...index }
}
