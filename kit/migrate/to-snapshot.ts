import { Problem } from '#kit/core'
import { type AnyField, type AnyModel, fieldKinds, type Index } from '#kit/model'
import { indexName } from './names.ts'
import {
  type Column,
  emptySnapshot,
  type IndexSnapshot,
  type Snapshot,
  type Table,
  withTable,
} from './snapshot.ts'

/**
 * The tables of these models as data: the same models answer the same text, in whatever order they and
 * their fields stand. Throws `conflict` where two tables or indexes would have one name.
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
  const different = new Map(indexes.map((index) => [index.name, index]))
  return { name: model.table, columns, indexes: [...different.values()] }
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
