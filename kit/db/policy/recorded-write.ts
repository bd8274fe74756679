import {
  AliasNode,
  ColumnNode,
  DeleteQueryNode,
  IdentifierNode,
  type OperationNode,
  ReferenceNode,
  type RootOperationNode,
  TableNode,
  UpdateQueryNode,
} from 'kysely'
import type { AnyModel } from '#kit/model'
import { childrenOf } from './nodes.ts'
import { refuse } from './refuse.ts'

export type WriteNode = UpdateQueryNode | DeleteQueryNode

/** A statement whose writes are recorded. */
export interface RecordedWrite {
  readonly node: WriteNode
  readonly model: AnyModel
  /** The table, under the name it has in the statement. */
  readonly table: OperationNode
  readonly alias: string
}

/** The model of a table, where what is written so to it is recorded. */
export type IsRecorded = (table: string, write: WriteNode) => AnyModel | undefined

const wayOut = 'Select the ids first, then write to the rows with these ids.'

/**
 * What must be recorded of a statement; undefined where it writes to no model whose writes are. Throws TypeError for
 * one that writes in a way that cannot be.
 */
export function recordedWriteOf(
  node: RootOperationNode,
  isRecorded: IsRecorded,
): RecordedWrite | undefined {
  for (const inner of writesWithin(node)) {
    const target = targetOf(inner)
    if (isRecorded(target.name, inner))
      refuse(
        `a write to ${target.name} inside of another statement is not recorded. Make it a statement of its own.`,
      )
  }
  if (!isWrite(node)) return undefined
  const { name, alias, table } = targetOf(node)
  const model = isRecorded(name, node)
  if (!model) return undefined
  assertRecordable(node, name)
  return { node, model, table, alias }
}

export interface WrittenTable {
  readonly table: string
  readonly action: 'change' | 'remove'
}

/** The tables that a statement writes to, in whatever part of it. */
export function writtenTables(node: RootOperationNode): WrittenTable[] {
  const writes = isWrite(node) ? [node, ...writesWithin(node)] : [...writesWithin(node)]
  return writes.map((write) => ({
    table: targetOf(write).name,
    action: UpdateQueryNode.is(write) ? 'change' : 'remove',
  }))
}

function isWrite(node: OperationNode): node is WriteNode {
  return UpdateQueryNode.is(node) || DeleteQueryNode.is(node)
}

function targetOf(node: WriteNode): { name: string; alias: string; table: OperationNode } {
  const table = UpdateQueryNode.is(node) ? node.table : node.from.froms[0]
  const inner = table && AliasNode.is(table) ? table.node : table
  if (!table || !inner || !TableNode.is(inner)) return refuse('a write names one table of a model')
  const { name } = inner.table.identifier
  const alias = AliasNode.is(table) && IdentifierNode.is(table.alias) ? table.alias.name : name
  return { name, alias, table }
}

function assertRecordable(node: WriteNode, table: string): void {
  const parts = UpdateQueryNode.is(node)
    ? { from: node.from, 'a join': node.joins, limit: node.limit, 'order by': node.orderBy }
    : { using: node.using, 'a join': node.joins, limit: node.limit, 'order by': node.orderBy }
  for (const [name, part] of Object.entries(parts))
    if (part !== undefined)
      refuse(`a write to ${table} with ${name} is not recorded in the audit trail. ${wayOut}`)
  if (UpdateQueryNode.is(node) && node.updates?.some(({ column }) => columnName(column) === 'id'))
    refuse(`the id of ${table} cannot be set: what becomes of the row could not be recorded`)
}

function columnName(node: OperationNode): string | undefined {
  const column = ReferenceNode.is(node) ? node.column : node
  return ColumnNode.is(column) ? column.column.name : undefined
}

/** The statements within a statement that write. */
function* writesWithin(node: OperationNode): Generator<WriteNode> {
  for (const child of childrenOf(node)) {
    if (isWrite(child)) yield child
    yield* writesWithin(child)
  }
}
