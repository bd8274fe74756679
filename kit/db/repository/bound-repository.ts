import type { CompiledQuery } from 'kysely'
import { Problem } from '#kit/core'
import { type AnyModel, type ListOptions, type Page, titleOf, toWire, type Where } from '#kit/model'
import { describeConflict } from '../constraint-fault.ts'
import { entityTag } from '../entity-tag.ts'
import type {
  Awaitable,
  Binding,
  ColumnRow,
  Database,
  Dialect,
  Statement,
  Value,
} from '../types.ts'
import {
  activity,
  allOf,
  type Condition,
  scopeConditions,
  shapeOf,
  valuesOf,
  whereConditions,
} from './conditions.ts'
import { listRows } from './list-rows.ts'
import { type ModelPlan, planOf } from './model-plan.ts'
import { assertReferences } from './references.ts'
import type { Scope, Scoping } from './scope.ts'
import { slot, toStatement } from './slots.ts'
import { toChanges, toNewRow } from './values.ts'

type Id = string | number
type Patch = Readonly<Record<string, unknown>>
type Rule = (row: ColumnRow) => Patch
type Loose = Where<AnyModel>

/** The rows of one model in one scope, for the time of one request or unit. */
export class BoundRepository {
  readonly #plan: ModelPlan
  readonly #binding: Binding
  readonly #scoping: Scoping

  constructor(model: AnyModel, database: Database, bound: { binding: Binding; scoping: Scoping }) {
    this.#plan = planOf(model, database.dialect)
    this.#binding = bound.binding
    this.#scoping = bound.scoping
  }

  async list(options: ListOptions<AnyModel> = {}): Promise<Page<ColumnRow>> {
    return listRows(this.#plan, this.#binding.executor, { scope: this.#scope('read'), options })
  }

  async find(key: Id | Loose): Promise<ColumnRow | undefined> {
    const scope = this.#scope('read')
    return typeof key === 'object' ? this.#first(scope, key) : this.#byId('get', scope, key)
  }

  async get(key: Id | Loose): Promise<ColumnRow> {
    const scope = this.#scope('read')
    const reading =
      typeof key === 'object' ? this.#first(scope, key) : this.#byId('get', scope, key)
    return (reading instanceof Promise ? await reading : reading) ?? this.#missing()
  }

  async count(where?: Loose): Promise<number> {
    const conditions = [
      ...scopeConditions(this.#plan, this.#scope('read')),
      ...whereConditions(this.#plan, where),
    ]
    const statement = this.#statement('count', conditions, (model, dialect) =>
      dialect.compiler.selectFrom(model.table).select((eb) => eb.fn.countAll().as('count')),
    )
    const [row] = await this.#binding.executor.all(statement, bind(statement, valuesOf(conditions)))
    return Number(row?.['count'] ?? 0)
  }

  async create(input: Patch): Promise<ColumnRow> {
    const { model, encode, columns } = this.#plan
    const ownerId = this.#ownerOf(input, this.#scope('write'))
    const row = toNewRow(model, { input, ownerId, nowMs: this.#binding.nowMs() })
    await assertReferences(this.#plan, this.#binding, { scoping: this.#scoping, values: row })
    const given = columns.filter((name) => row[name] !== null || name !== 'id')
    const statement = this.#plan.statement(`insert ${given.length}`, () => this.#insert(given))
    const values = statement.slots.map((name) => encode(name, row[name]))
    const [stored] = await this.#write(() => this.#binding.executor.all(statement, values))
    if (stored) row['id'] = this.#plan.decode(stored)['id']
    return row
  }

  async change(id: Id, patch: Patch | Rule): Promise<ColumnRow> {
    const scope = this.#scope('write')
    const needsRow = typeof patch === 'function' || this.#isGuarded(id)
    const before = needsRow ? await this.#getForChange(scope, id) : undefined
    const asked = typeof patch === 'function' ? patch(before as ColumnRow) : patch
    const changes = toChanges(this.#plan.model, asked, this.#binding.nowMs())
    this.#assertOwnerKept(scope, changes)
    await assertReferences(this.#plan, this.#binding, { scoping: this.#scoping, values: changes })
    return this.#update(this.#idConditions(scope, id), changes)
  }

  async remove(id: Id): Promise<ColumnRow> {
    const scope = this.#scope('write')
    if (this.#isGuarded(id)) await this.#getForChange(scope, id)
    const conditions = this.#idConditions(scope, id)
    if (this.#plan.model.softDelete)
      return this.#update(
        scope.isActiveOnly ? conditions : [...conditions, activity(this.#plan, true)],
        toChanges(this.#plan.model, { is_active: false }, this.#binding.nowMs()),
      )
    const statement = this.#statement('delete', conditions, (model, dialect) =>
      dialect.compiler.deleteFrom(model.table).returning(this.#plan.columns),
    )
    return this.#returned(statement, valuesOf(conditions))
  }

  async restore(id: Id): Promise<ColumnRow> {
    const { model } = this.#plan
    if (!model.softDelete)
      throw new TypeError(`${model.name} has no softDelete; nothing to restore.`)
    const own = this.#scope('write')
    const scope = { ...own, isActiveOnly: false, key: `${own.key}+removed` }
    if (this.#isGuarded(id)) await this.#getForChange(scope, id)
    const conditions = [...this.#idConditions(scope, id), activity(this.#plan, false)]
    return this.#update(conditions, toChanges(model, { is_active: true }, this.#binding.nowMs()))
  }

  #scope(verb: 'read' | 'write'): Scope {
    if (verb === 'write' && !this.#binding.executor.isWritable)
      throw new TypeError('Nothing is written here: neither in a GET route nor in prepare.')
    return this.#scoping.scopeOf(this.#plan.model, verb)
  }

  async #first(scope: Scope, key: Loose): Promise<ColumnRow | undefined> {
    const conditions = [...scopeConditions(this.#plan, scope), ...whereConditions(this.#plan, key)]
    const statement = this.#statement('first', conditions, (model, { compiler }) =>
      compiler
        .selectFrom(model.table)
        .select(this.#plan.columns)
        .orderBy('id')
        .limit((eb) => eb.lit(1)),
    )
    const rows = await this.#binding.executor.all(statement, bind(statement, valuesOf(conditions)))
    return rows[0] && this.#plan.decode(rows[0])
  }

  /** Two statements a scope, of fixed shapes: nothing is put together for a read by id. */
  #byId(verb: 'get' | 'lock', scope: Scope, id: Id): Awaitable<ColumnRow | undefined> {
    const statement = this.#plan.statement(`${verb} ${scope.key}`, () =>
      this.#compile(this.#idConditions(scope, id), (model, { compiler, lockRow }) => {
        const query = compiler.selectFrom(model.table).select(this.#plan.columns)
        return verb === 'lock' && lockRow ? query.modifyEnd(lockRow) : query
      }),
    )
    const values = {
      id: this.#plan.encode('id', id),
      owner: scope.ownerId ?? null,
      active: this.#plan.activeValue,
    }
    const rows = this.#binding.executor.all(statement, bind(statement, values))
    return rows instanceof Promise ? rows.then(this.#decodeFirst) : this.#decodeFirst(rows)
  }

  readonly #decodeFirst = (rows: ColumnRow[]): ColumnRow | undefined =>
    rows[0] && this.#plan.decode(rows[0])

  async #getForChange(scope: Scope, id: Id): Promise<ColumnRow> {
    const row = (await this.#byId('lock', scope, id)) ?? this.#missing()
    this.#assertFresh(id, row)
    return row
  }

  #isGuarded(id: Id): boolean {
    const { precondition } = this.#binding
    return precondition?.table === this.#plan.model.table && precondition.id === String(id)
  }

  #assertFresh(id: Id, row: ColumnRow): void {
    if (!this.#isGuarded(id)) return
    const tags = this.#binding.precondition?.tags ?? []
    const tag = entityTag(JSON.stringify(toWire(this.#plan.model)(row)))
    if (!tags.includes('*') && !tags.includes(tag))
      throw new Problem(
        'stale',
        'It was changed since you read it. Read it again, then repeat the change.',
        {
          headers: { ETag: tag },
        },
      )
  }

  /** Whose a new row becomes: the actor's, where the repository stands for one. */
  #ownerOf(input: Patch, scope: Scope): string | undefined {
    const { owner, name } = this.#plan.model
    if (!this.#scoping.isBound || owner === undefined) return undefined
    // A row that owns itself would be another's from its first moment.
    if (owner === 'id' && scope.ownerId !== undefined)
      throw new Problem('forbidden', `A ${name} cannot be created on one's own.`)
    const actorId = this.#binding.actor.id ?? undefined
    if (owner === 'id' || input[owner] === actorId) return undefined
    if (input[owner] !== undefined)
      throw new Problem('forbidden', 'A row of your own cannot belong to another.')
    return actorId
  }

  #assertOwnerKept(scope: Scope, changes: ColumnRow): void {
    const { owner } = this.#plan.model
    if (
      scope.ownerId !== undefined &&
      owner !== undefined &&
      owner in changes &&
      changes[owner] !== scope.ownerId
    )
      throw new Problem('forbidden', 'A row cannot be given to another owner.')
  }

  #idConditions(scope: Scope, id: Id): Condition[] {
    const byId: Condition = {
      shape: 'id',
      build: (eb) => eb('id', '=', slot('id')),
      values: { id: this.#plan.encode('id', id) },
    }
    return [byId, ...scopeConditions(this.#plan, scope)]
  }

  #insert(given: readonly string[]): Statement {
    const { model, dialect } = this.#plan
    const query = dialect.compiler
      .insertInto(model.table)
      .values(Object.fromEntries(given.map((name) => [name, slot(name)])))
    return toStatement(given.includes('id') ? query : query.returning('id'))
  }

  #update(conditions: readonly Condition[], changes: ColumnRow): Promise<ColumnRow> {
    const names = Object.keys(changes)
    const statement = this.#statement(`update ${names.join(',')}`, conditions, (model, dialect) =>
      dialect.compiler
        .updateTable(model.table)
        .set(Object.fromEntries(names.map((name) => [name, slot(`set_${name}`)])))
        .returning(this.#plan.columns),
    )
    const values = valuesOf(conditions)
    for (const name of names) values[`set_${name}`] = this.#plan.encode(name, changes[name])
    return this.#returned(statement, values)
  }

  async #returned(statement: Statement, values: Record<string, Value>): Promise<ColumnRow> {
    const rows = await this.#write(() =>
      this.#binding.executor.all(statement, bind(statement, values)),
    )
    return rows[0] ? this.#plan.decode(rows[0]) : this.#missing()
  }

  async #write<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw describeConflict(this.#plan.model, error)
    }
  }

  #statement(verb: string, conditions: readonly Condition[], build: Build): Statement {
    return this.#plan.statement(`${verb} ${shapeOf(conditions)}`, () =>
      this.#compile(conditions, build),
    )
  }

  #compile(conditions: readonly Condition[], build: Build): Statement {
    const query = build(this.#plan.model, this.#plan.dialect)
    return toStatement(query.where(allOf(this.#plan, conditions)))
  }

  #missing(): never {
    throw new Problem('not_found', `${titleOf(this.#plan.model)} not found.`)
  }
}

/** Starts a statement; its conditions are added to it. */
type Build = (
  model: AnyModel,
  dialect: Dialect,
) => {
  where(condition: ReturnType<typeof allOf>): { compile(): CompiledQuery }
}

function bind(statement: Statement, values: Readonly<Record<string, Value>>): Value[] {
  return statement.slots.map((name) => values[name] ?? null)
}
