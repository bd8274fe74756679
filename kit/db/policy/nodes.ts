import {
  AndNode,
  ColumnNode,
  type CommonTableExpressionNode,
  type OperationNode,
  ParensNode,
  ReferenceNode,
  TableNode,
  ValueNode,
  WhereNode,
} from 'kysely'
import { refuse } from './refuse.ts'

/** The statement's own condition and that of the policy. */
export function both(own: WhereNode | undefined, condition: OperationNode | undefined): WhereNode {
  if (own && condition)
    return WhereNode.create(AndNode.create(ParensNode.create(own.where), condition))
  if (condition) return WhereNode.create(condition)
  return own ?? WhereNode.create(ValueNode.createImmediate(true))
}

export function columnOf(column: string, table: string): ReferenceNode {
  return ReferenceNode.create(ColumnNode.create(column), TableNode.create(table))
}

export function nameOf(expression: CommonTableExpressionNode): string {
  return tableName(expression.name.table)
}

export function tableName(node: TableNode): string {
  if (node.table.schema) refuse('a table is named without its schema')
  return node.table.identifier.name
}

/** The nodes that a node directly consists of. */
export function* childrenOf(node: OperationNode): Generator<OperationNode> {
  for (const value of Object.values(node))
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield child
}

function isNode(value: unknown): value is OperationNode {
  return typeof value === 'object' && value !== null && 'kind' in value
}
