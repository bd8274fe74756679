import {
  AliasNode,
  ColumnNode,
  IdentifierNode,
  type OperationNode,
  ReferenceNode,
  type RootOperationNode,
} from 'kysely'
import type { AnyModel } from '#kit/model'
import type { ColumnRow, Dialect } from '../types.ts'
import { childrenOf } from './nodes.ts'

export type RowDecoder = (row: ColumnRow) => ColumnRow
type Convert = (value: unknown) => unknown

/**
 * Decodes the columns of an answer that are fields of these models (`true` for SQLite's 1). A column is known by
 * its name, and by the field it is an alias of; a name given to anything else than a field is left alone.
 */
export function decoderOf(
  models: readonly AnyModel[],
  query: RootOperationNode,
  dialect: Dialect,
): RowDecoder {
  const converters = fieldConverters(models, dialect)
  if (converters.size === 0) return (row) => row
  for (const [alias, field] of aliasesIn(query)) {
    const convert = field === undefined ? undefined : converters.get(field)
    if (convert) converters.set(alias, convert)
    else converters.delete(alias)
  }
  const known = [...converters]
  return (row) => {
    for (const [name, convert] of known)
      if (row[name] !== null && row[name] !== undefined) row[name] = convert(row[name])
    return row
  }
}

/** The fields that need decoding, where all models that have one of the name agree. */
function fieldConverters(models: readonly AnyModel[], dialect: Dialect): Map<string, Convert> {
  const converters = new Map<string, Convert>()
  const names = new Set(models.flatMap((model) => Object.keys(model.fields)))
  for (const name of names) {
    const kinds = models.flatMap(
      (model) =>
        model.fields[name]?.spec.use.kind.decode?.[dialect.name] ??
        (model.fields[name] ? [undefined] : []),
    )
    const [first] = kinds
    if (first && kinds.every((kind) => kind === first)) converters.set(name, first)
  }
  return converters
}

/** Each alias in the statement, with the column it renames; undefined where it names something else. */
function* aliasesIn(node: OperationNode): Generator<[string, string | undefined]> {
  if (AliasNode.is(node) && IdentifierNode.is(node.alias))
    yield [node.alias.name, columnIn(node.node)]
  for (const child of childrenOf(node)) yield* aliasesIn(child)
}

function columnIn(node: OperationNode): string | undefined {
  const column = ReferenceNode.is(node) ? node.column : node
  return ColumnNode.is(column) ? column.column.name : undefined
}
