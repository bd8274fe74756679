import { invalidInput } from '#kit/core'
import type { AnyModel, ListOptions, Page } from '#kit/model'
import type { ColumnRow, Executor, Statement } from '../types.ts'
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

/** One page of the rows in this scope. */
export async function listRows(
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
      ? [searchCondition(options.search, options.searchIn ?? textFields(plan.model))]
      : []),
  ]
  const total = options.count ? await countRows(plan, executor, conditions) : undefined
  const place = options.cursor === undefined ? [] : [cursorCondition(plan, order, options.cursor)]
  // One row more than asked for tells whether there is another page.
  const rows = await readRows(plan, executor, {
    conditions: [...conditions, ...place],
    order,
    limit: limit + 1,
  })
  const shown = rows.length > limit ? rows.slice(0, limit) : rows
  for (const row of shown) plan.decode(row)
  const last = shown.at(-1)
  const next = rows.length > limit && last ? cursorAfter(order, last) : undefined
  return { rows: shown, next, total }
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
  const statement = plan.statement(`list ${order.text} ${shapeOf(conditions)}`, () =>
    compileList(plan, conditions, order),
  )
  const values = { ...valuesOf(conditions), limit }
  return executor.all(
    statement,
    statement.slots.map((name) => values[name as keyof typeof values] ?? null),
  )
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
  const values = valuesOf(conditions)
  const [row] = await executor.all(
    statement,
    statement.slots.map((name) => values[name] ?? null),
  )
  return Number(row?.['count'] ?? 0)
}
