import {
  AndNode,
  BinaryOperationNode,
  type Expression,
  expressionBuilder,
  type OperationNode,
  OperatorNode,
  ParensNode,
  ValueNode,
} from 'kysely'
import type { AnyModel } from '#kit/model'
import type { Builder } from '../repository/conditions.ts'
import type { RowScope } from '../repository/row-scope.ts'
import { ruleExpression } from '../repository/rule-condition.ts'
import type { Scope } from '../repository/scope.ts'
import { columnOf } from './nodes.ts'

export type Encode = (model: AnyModel, column: string, value: unknown) => unknown

interface Place {
  readonly model: AnyModel
  /** What the table is called where the condition stands. */
  readonly alias: string
  readonly encode: Encode
}

/** The condition that a scope is, as a node; undefined where it is none. */
export function scopeNode(scope: Scope, place: Place): OperationNode | undefined {
  const { model } = place
  const owned =
    scope.ownerId !== undefined && model.owner !== undefined
      ? equals(place, model.owner, scope.ownerId)
      : undefined
  const active = scope.isActiveOnly ? equals(place, 'is_active', true) : undefined
  const rows = scope.rows?.reached ? rowsNode(scope.rows, place) : undefined
  return [owned, active, rows]
    .filter((node) => node !== undefined)
    .reduce<OperationNode | undefined>(
      (left, right) => (left ? AndNode.create(left, right) : right),
      undefined,
    )
}

function equals({ model, alias, encode }: Place, column: string, value: unknown): OperationNode {
  return BinaryOperationNode.create(
    columnOf(column, alias),
    OperatorNode.create('='),
    ValueNode.create(encode(model, column, value)),
  )
}

const builder: Builder = expressionBuilder()

function rowsNode(rows: RowScope, { model, alias, encode }: Place): OperationNode {
  const free = { actor: rows.actor.id, now: rows.now }
  const rule = ruleExpression(builder, rows.reached ?? { kind: 'always', holds: true }, {
    column: (name) => expressionOf(columnOf(name, alias)),
    operand: (operand, field) =>
      expressionOf(
        ValueNode.create(
          operand.kind === 'value' ? encode(model, field, operand.value) : free[operand.kind],
        ),
      ),
  })
  return ParensNode.create(rule.toOperationNode())
}

function expressionOf(node: OperationNode): Expression<never> {
  return { expressionType: undefined, toOperationNode: () => node }
}
