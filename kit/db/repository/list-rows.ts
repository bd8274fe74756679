import { invalidInput } from '#kit/core'
import type { AnyModel, ListOptions, Page } from '#kit/model'
import type { Awaitable, ColumnRow, Executor, Statement } from '../types.ts'
import { bindSlots } from './bound-model.ts'
import {
  allOf,
  type Condition,
  scopeConditions,
  searchCondition,
  shapeOf,
  valuesOf,
  whereConditions,
} from './conditions.ts'
import { cursorAfter, cursorCondition, type Order, orderOf } from './cursor.ts'
import type { ModelPlan } from './model-plan.ts'
import type { Scope } from './scope.ts'
import { slot, toStatement } from './slots.ts'

const mostRows = 100
const usualRows = 50

interface Request {
  readonly scope: Scope
  readonly options: ListOptions<AnyModel>
}

/** One page of the rows in this scope; at once, where the engine reads at once. */
export function listRows(
  plan: ModelPlan,
  executor: Executor,
  { scope, options }: Request,
): Awaitable<Page<ColumnRow>> {
  const limit = limitOf(options.limit)
  const order = orderOf(plan.model, options.sort)
  const isPlain =
    !options.where && !options.search && !options.count && options.cursor === undefined
  if (!isPlain || scope.rows) return listSome(plan, executor, { scope, options })
  const statement = plan.statementIn(scope, order.verb, () =>
    compileList(plan, scopeConditions(plan, scope), order),
  )
  const owner = scope.ownerId ?? null
  const values = bindSlots(statement, { owner, active: plan.activeValue, limit: limit + 1 })
  const rows = executor.all(statement, values)
  const toPage = (found: ColumnRow[]) => pageOf(plan, order, { rows: found, limit })
  return rows instanceof Promise ? rows.then(toPage) : toPage(rows)
}

async function listSome(
  plan: ModelPlan,
  executor: Executor,
  { scope, options }: Request,
): Promise<Page<ColumnRow>> {
  const limit = limitOf(options.limit)
  const order = orderOf(plan.model, options.sort)
  const conditions = [
    ...scopeConditions(plan, scope),
    ...whereConditions(plan, options.where),
    ...(options.search
      ? [searchCondition(plan.model, options.search, options.searchIn ?? textFields(plan.model))]
      : []),
  ]
  const total = options.count ? await countRows(plan, executor, conditions) : undefined
  const place = options.cursor === undefined ? [] : [cursorCondition(plan, order, options.cursor)]
  const rows = await readRows(plan, executor, {
    conditions: [...conditions, ...place],
    order,
    limit: limit + 1,
  })
  return { ...pageOf(plan, order, { rows, limit }), total }
}

interface Found {
  /** One row more than asked for tells whether there is another page. */
  readonly rows: ColumnRow[]
  readonly limit: number
}

function pageOf(plan: ModelPlan, order: Order, { rows, limit }: Found): Page<ColumnRow> {
  const hasNext = rows.length > limit
  if (hasNext) rows.length = limit
  for (const row of rows) plan.decode(row)
  const last = hasNext ? rows.at(-1) : undefined
  return { rows, next: last && cursorAfter(order, last), total: undefined }
}

function limitOf(limit = usualRows): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= mostRows) return limit
  throw invalidInput([{ path: 'limit', code: 'range', message: `Must be from 1 to ${mostRows}.` }])
}

function textFields(model: AnyModel): string[] {
  return Object.entries(model.fields)
    .filter(([, { spec }]) => spec.use.kind.isText && spec.exposure === 'public')
    .map(([name]) => name)
}

interface Reading {
  readonly conditions: readonly Condition[]
  readonly order: Order
  readonly limit: number
}

function readRows(plan: ModelPlan, executor: Executor, { conditions, order, limit }: Reading) {
  const statement = plan.statement(`${order.verb} ${shapeOf(conditions)}`, () =>
    compileList(plan, conditions, order),
  )
  return executor.all(statement, bindSlots(statement, { ...valuesOf(conditions), limit }))
}

function compileList(plan: ModelPlan, conditions: readonly Condition[], order: Order): Statement {
  const query = plan.dialect.compiler
    .selectFrom(plan.model.table)
    .select(plan.columns)
    .where(allOf(plan, conditions))
    .orderBy(order.field, (by) => {
      const directed = order.isDescending ? by.desc() : by.asc()
      if (!order.isOptional) return directed
      return order.isDescending ? directed.nullsLast() : directed.nullsFirst()
    })
  const ordered =
    order.field === 'id' ? query : query.orderBy('id', order.isDescending ? 'desc' : 'asc')
  return toStatement(ordered.limit(slot('limit')))
}

async function countRows(
  plan: ModelPlan,
  executor: Executor,
  conditions: readonly Condition[],
): Promise<number> {
  const statement = plan.statement(`count ${shapeOf(conditions)}`, () =>
    toStatement(
      plan.dialect.compiler
        .selectFrom(plan.model.table)
        .select((eb) => eb.fn.countAll().as('count'))
        .where(allOf(plan, conditions)),
    ),
  )
  const [row] = await executor.all(statement, bindSlots(statement, valuesOf(conditions)))
  return Number(row?.['count'] ?? 0)
}
