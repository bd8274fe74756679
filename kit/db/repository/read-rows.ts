import type { AnyModel, Where } from '#kit/model'
import type { Awaitable, ColumnRow } from '../types.ts'
import {
  type BoundModel,
  bindSlots,
  compile,
  type Id,
  idConditions,
  missing,
  scopeFor,
  statementFor,
} from './bound-model.ts'
import { scopeConditions, valuesOf, whereConditions } from './conditions.ts'
import type { Scope } from './scope.ts'

type Loose = Where<AnyModel>

export async function findRow(bound: BoundModel, key: Id | Loose): Promise<ColumnRow | undefined> {
  const row = reading(bound, key)
  return row instanceof Promise ? await row : row
}

export async function getRow(bound: BoundModel, key: Id | Loose): Promise<ColumnRow> {
  const row = reading(bound, key)
  return (row instanceof Promise ? await row : row) ?? missing(bound.plan.model)
}

export async function countRows(bound: BoundModel, where?: Loose): Promise<number> {
  const { plan, binding } = bound
  const conditions = [
    ...scopeConditions(plan, scopeFor(bound, 'read')),
    ...whereConditions(plan, where),
  ]
  const statement = statementFor(plan, { verb: 'count', conditions }, (model, dialect) =>
    dialect.compiler.selectFrom(model.table).select((eb) => eb.fn.countAll().as('count')),
  )
  const [row] = await binding.executor.all(statement, bindSlots(statement, valuesOf(conditions)))
  return Number(row?.['count'] ?? 0)
}

function reading(bound: BoundModel, key: Id | Loose): Awaitable<ColumnRow | undefined> {
  const scope = scopeFor(bound, 'read')
  return typeof key === 'object' ? firstRow(bound, scope, key) : rowById(bound, scope, key)
}

async function firstRow(
  { plan, binding }: BoundModel,
  scope: Scope,
  key: Loose,
): Promise<ColumnRow | undefined> {
  const conditions = [...scopeConditions(plan, scope), ...whereConditions(plan, key)]
  const statement = statementFor(plan, { verb: 'first', conditions }, (model, { compiler }) =>
    compiler
      .selectFrom(model.table)
      .select(plan.columns)
      .orderBy('id')
      .limit((eb) => eb.lit(1)),
  )
  const rows = await binding.executor.all(statement, bindSlots(statement, valuesOf(conditions)))
  return rows[0] && plan.decode(rows[0])
}

/** One statement a scope, of a fixed shape: nothing is put together for a read by id. */
function rowById(
  { plan, binding }: BoundModel,
  scope: Scope,
  id: Id,
): Awaitable<ColumnRow | undefined> {
  const statement = plan.statementIn(scope, 'get', () =>
    compile(plan, idConditions(plan, scope, id), (model, { compiler }) =>
      compiler.selectFrom(model.table).select(plan.columns),
    ),
  )
  const values = scope.rows
    ? valuesOf(idConditions(plan, scope, id))
    : { id: plan.encode('id', id), owner: scope.ownerId ?? null, active: plan.activeValue }
  const rows = binding.executor.all(statement, bindSlots(statement, values))
  const decodeFirst = (found: ColumnRow[]) => found[0] && plan.decode(found[0])
  return rows instanceof Promise ? rows.then(decodeFirst) : decodeFirst(rows)
}
