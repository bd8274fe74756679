import type { Expression, SqlBool } from 'kysely'
import { invalidInput } from '#kit/core'
import { type AnyModel, isStorable } from '#kit/model'
import type { ColumnRow } from '../types.ts'
import type { Builder, Condition } from './conditions.ts'
import type { ModelPlan } from './model-plan.ts'
import { slot } from './slots.ts'

/** How a list is ordered: by a field, rows alike in it by id. */
export interface Order {
  readonly field: string
  readonly isDescending: boolean
  readonly isOptional: boolean
  /** As the caller wrote it. */
  readonly text: string
  /** Names its lists. */
  readonly verb: string
}

const orders = new WeakMap<AnyModel, Map<string, Order>>()

/** Reads `title` or `-created_at`; newest first where nothing is said. Throws `invalid` for what is no field. */
export function orderOf(model: AnyModel, sort = '-created_at'): Order {
  const known = orders.get(model) ?? new Map<string, Order>()
  const found = known.get(sort)
  if (found) return found
  const order = readOrder(model, sort)
  orders.set(model, known.set(sort, order))
  return order
}

function readOrder(model: AnyModel, sort: string): Order {
  const isDescending = sort.startsWith('-')
  const field = isDescending ? sort.slice(1) : sort
  const found = model.fields[field]
  if (!found)
    throw invalidInput([{ path: 'sort', code: 'choice', message: `Cannot sort by "${field}".` }])
  const { isOptional } = found.spec
  return { field, isDescending, isOptional, text: sort, verb: `list ${sort}` }
}

/** The cursor of the page after the one that ends with this row. Opaque to callers; it holds no secret. */
export function cursorAfter(order: Order, row: ColumnRow): string {
  return Buffer.from(JSON.stringify([order.text, row[order.field], row['id']])).toString(
    'base64url',
  )
}

/** The rows after a cursor. Throws `invalid` where it is not one of this list. */
export function cursorCondition(plan: ModelPlan, order: Order, cursor: string): Condition {
  const place = readCursor(plan.model, order, cursor)
  if (!place)
    throw invalidInput([
      { path: 'cursor', code: 'cursor', message: 'Is not a cursor of this list.' },
    ])
  const isNull = place.value === null
  const values = { after_id: plan.encode('id', place.id) }
  return {
    shape: `after(${order.text}${isNull ? ' null' : ''})`,
    build: (eb) => afterPlace(eb, order, isNull),
    values: isNull ? values : { ...values, after: plan.encode(order.field, place.value) },
  }
}

/** Nulls come first going up and last going down, on every engine. */
function afterPlace(eb: Builder, order: Order, isNull: boolean): Expression<SqlBool> {
  const { field, isDescending, isOptional } = order
  const sign = isDescending ? '<' : '>'
  const afterId = eb('id', sign, slot('after_id'))
  if (field === 'id') return afterId
  if (isNull) {
    const amongNulls = eb.and([eb(field, 'is', null), afterId])
    return isDescending ? amongNulls : eb.or([amongNulls, eb(field, 'is not', null)])
  }
  const after = eb(eb.refTuple(field, 'id'), sign, eb.tuple(slot('after'), slot('after_id')))
  return isOptional && isDescending ? eb.or([after, eb(field, 'is', null)]) : after
}

function readCursor(
  model: AnyModel,
  order: Order,
  cursor: string,
): { value: unknown; id: unknown } | undefined {
  const parts = decode(cursor)
  if (!Array.isArray(parts) || parts.length !== 3 || parts[0] !== order.text) return undefined
  const [, value, id] = parts
  const fits = (name: string, candidate: unknown) => isValueOf(model, name, candidate)
  const isValue = value === null ? order.isOptional : fits(order.field, value)
  return isValue && fits('id', id) ? { value, id } : undefined
}

/** A text may be longer than its field allows by now; of other kinds only a value of the field fits. */
function isValueOf(model: AnyModel, name: string, value: unknown): boolean {
  const use = model.fields[name]?.spec.use
  if (use?.kind.isText) return typeof value === 'string' && isStorable(value)
  return use?.schema.safeParse(value).success ?? false
}

function decode(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}
