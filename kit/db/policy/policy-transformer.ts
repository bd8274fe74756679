import {
  type AggregateFunctionNode,
  AliasNode,
  ColumnNode,
  type ColumnUpdateNode,
  type DeleteQueryNode,
  FromNode,
  type FunctionNode,
  IdentifierNode,
  type JoinNode,
  type OperationNode,
  OperationNodeTransformer,
  type QueryId,
  type RawNode,
  ReferenceNode,
  SelectionNode,
  SelectQueryNode,
  TableNode,
  type UpdateQueryNode,
  type UsingNode,
  WhereNode,
  type WithNode,
} from 'kysely'
import { invalidInput } from '#kit/core'
import { type AnyModel, fieldsIn, isSecret, isSource, type Role, refusedFields } from '#kit/model'
import { assertMutable } from '../repository/bound-model.ts'
import type { Scoping } from '../repository/scope.ts'
import { allowedFunctions } from './allowed-functions.ts'
import { allowedKinds } from './allowed-kinds.ts'
import { assertHarmless } from './assert-harmless.ts'
import { both, columnOf, nameOf, tableName } from './nodes.ts'
import { refuse } from './refuse.ts'
import { type Encode, scopeNode } from './scope-node.ts'

export interface Policy {
  /** The models whose tables may be named, by table. */
  readonly models: ReadonlyMap<string, AnyModel>
  readonly scoping: Scoping
  /** Of whoever asks: decides which fields may be set. */
  readonly role: Role | null
  readonly encode: Encode
}

/**
 * Compiles the policies into a statement. Every table that is read becomes the sub-query of the rows (and the
 * columns that are not internal) its reader may see; every table that is written gets its condition. What the
 * transformer does not know, it refuses.
 */
export class PolicyTransformer extends OperationNodeTransformer {
  readonly #policy: Policy
  /** The names of common table expressions in sight, innermost last. */
  readonly #scopes: ReadonlySet<string>[] = [new Set()]

  constructor(policy: Policy) {
    super()
    this.#policy = policy
  }

  protected override transformNodeImpl<T extends OperationNode>(node: T, queryId: QueryId): T {
    if (!allowedKinds.has(node.kind))
      refuse(`${node.kind} is not allowed. To create rows use db(Model).create.`)
    return super.transformNodeImpl(node, queryId)
  }

  protected override transformSelectQuery(
    node: SelectQueryNode,
    queryId: QueryId,
  ): SelectQueryNode {
    return this.#within(node.with, () => super.transformSelectQuery(node, queryId))
  }

  protected override transformUpdateQuery(
    node: UpdateQueryNode,
    queryId: QueryId,
  ): UpdateQueryNode {
    return this.#within(node.with, () => {
      const { model, condition } = this.#target(node.table)
      this.#assertSettable(model, node.updates ?? [])
      const { table, ...rest } = node
      const transformed = super.transformUpdateQuery(rest, queryId)
      return {
        ...transformed,
        ...(table ? { table } : {}),
        where: both(transformed.where, condition),
      }
    })
  }

  protected override transformDeleteQuery(
    node: DeleteQueryNode,
    queryId: QueryId,
  ): DeleteQueryNode {
    return this.#within(node.with, () => {
      if (node.from.froms.length !== 1) refuse('a delete names one table')
      const { model, condition } = this.#target(node.from.froms[0])
      if (this.#policy.scoping.isBound && model.softDelete)
        refuse(`rows of ${model.table} are removed softly: use db(Model).remove`)
      const transformed = super.transformDeleteQuery(
        { ...node, from: FromNode.create([]) },
        queryId,
      )
      return { ...transformed, from: node.from, where: both(transformed.where, condition) }
    })
  }

  protected override transformFrom(node: FromNode): FromNode {
    return FromNode.create(node.froms.map((table) => this.#readable(table)))
  }

  protected override transformJoin(node: JoinNode, queryId: QueryId): JoinNode {
    return {
      ...node,
      table: this.#readable(node.table),
      ...(node.on ? { on: this.transformNode(node.on, queryId) } : {}),
    }
  }

  protected override transformUsing(node: UsingNode): UsingNode {
    return { ...node, tables: node.tables.map((table) => this.#readable(table)) }
  }

  /** Each expression sees those before it; itself, too, where the list is recursive. */
  protected override transformWith(node: WithNode, queryId: QueryId): WithNode {
    const names = new Set(this.#scopes.at(-2))
    const expressions = node.expressions.map((expression) => {
      const name = nameOf(expression)
      if (node.recursive) names.add(name)
      const inside = this.#inScope(names, () => this.transformNode(expression.expression, queryId))
      names.add(name)
      return { ...expression, expression: inside }
    })
    return { ...node, expressions }
  }

  /** The table before a column's name: it can only narrow, so it stays. */
  protected override transformReference(node: ReferenceNode): ReferenceNode {
    return node
  }

  protected override transformTable(node: TableNode): TableNode {
    return refuse(`a table (${node.table.identifier.name}) may not stand here`)
  }

  protected override transformRaw(node: RawNode, queryId: QueryId): RawNode {
    assertHarmless(node.sqlFragments)
    return super.transformRaw(node, queryId)
  }

  protected override transformFunction(node: FunctionNode, queryId: QueryId): FunctionNode {
    assertFunction(node.func)
    return super.transformFunction(node, queryId)
  }

  protected override transformAggregateFunction(
    node: AggregateFunctionNode,
    queryId: QueryId,
  ): AggregateFunctionNode {
    assertFunction(node.func)
    return super.transformAggregateFunction(node, queryId)
  }

  #within<T>(list: WithNode | undefined, work: () => T): T {
    const names = new Set(this.#scopes.at(-1))
    for (const expression of list?.expressions ?? []) names.add(nameOf(expression))
    return this.#inScope(names, work)
  }

  #inScope<T>(names: ReadonlySet<string>, work: () => T): T {
    this.#scopes.push(new Set(names))
    try {
      return work()
    } finally {
      this.#scopes.pop()
    }
  }

  /** What stands in the place of a table that is read. */
  #readable(node: OperationNode): OperationNode {
    if (TableNode.is(node)) return this.#rowsOf(node, IdentifierNode.create(tableName(node)))
    if (!AliasNode.is(node)) return this.#subQuery(node)
    if (!IdentifierNode.is(node.alias)) return refuse('an alias must be a plain name')
    if (TableNode.is(node.node)) return this.#rowsOf(node.node, node.alias)
    return AliasNode.create(this.#subQuery(node.node), node.alias)
  }

  #subQuery(node: OperationNode): OperationNode {
    const isKnown = ['SelectQueryNode', 'ParensNode', 'FunctionNode', 'ValuesNode'].includes(
      node.kind,
    )
    if (!isKnown) refuse(`${node.kind} may not stand for a table`)
    return this.transformNode(node)
  }

  #rowsOf(node: TableNode, alias: IdentifierNode): OperationNode {
    const name = tableName(node)
    if (this.#scopes.at(-1)?.has(name)) return AliasNode.create(node, alias)
    const model = this.#modelOf(name)
    if (!this.#policy.scoping.isBound) return AliasNode.create(node, alias)
    const condition = this.#conditionOf(model, 'read', name)
    const columns = Object.keys(model.fields)
      .filter((column) => !isSecret(model, column))
      .map((column) => SelectionNode.create(columnOf(column, name)))
    const from = SelectQueryNode.createFrom([TableNode.create(name)])
    const query = SelectQueryNode.cloneWithSelections(from, columns)
    return AliasNode.create(
      condition ? { ...query, where: WhereNode.create(condition) } : query,
      alias,
    )
  }

  #target(node: OperationNode | undefined): {
    model: AnyModel
    condition: OperationNode | undefined
  } {
    const table = node && AliasNode.is(node) ? node.node : node
    if (!table || !TableNode.is(table))
      return refuse('a statement that writes names one table of a model')
    const model = this.#modelOf(tableName(table))
    assertMutable(model)
    const alias =
      node && AliasNode.is(node) && IdentifierNode.is(node.alias) ? node.alias.name : model.table
    return { model, condition: this.#conditionOf(model, 'write', alias) }
  }

  #modelOf(name: string): AnyModel {
    return (
      this.#policy.models.get(name) ??
      refuse(`the table ${name} is not of a model given to query(…)`)
    )
  }

  #conditionOf(model: AnyModel, verb: 'read' | 'write', alias: string): OperationNode | undefined {
    const { scoping, encode } = this.#policy
    return scopeNode(scoping.scopeOf(model, verb), { model, alias, encode })
  }

  /** What a policy depends on is not set here: whether it still holds of a row is not seen. */
  #assertSettable(model: AnyModel, updates: readonly ColumnUpdateNode[]): void {
    const { scoping, role } = this.#policy
    const names = updates.map(({ column }) => columnName(column))
    for (const name of names) assertField(model, name)
    if (!scoping.isBound) return
    const written = scoping.scopeOf(model, 'write').rows?.written
    const guarded = ['id', 'created_at', 'is_active', model.owner]
    for (const name of names)
      if (guarded.includes(name) || (written && fieldsIn(written).has(name)))
        refuse(`${name} of ${model.table} cannot be set by an update`)
    const given = Object.fromEntries(names.map((name) => [name, true]))
    const faults = refusedFields(model, role, given)
    if (faults.length > 0) throw invalidInput(faults)
  }
}

function assertField(model: AnyModel, name: string): void {
  const field = model.fields[name]
  if (!field) refuse(`${name} is no field of ${model.name}`)
  // It would not be worked out anew.
  if (field?.spec.derived || isSource(model, name))
    refuse(`${name} of ${model.table} goes with a derived field: use db(Model).change`)
}

function columnName(node: OperationNode): string {
  const column = ReferenceNode.is(node) ? node.column : node
  return ColumnNode.is(column) ? column.column.name : refuse('an update names its columns')
}

function assertFunction(name: string): void {
  if (!allowedFunctions.has(name.toLowerCase())) refuse(`the function ${name} is not allowed`)
}
