import { Refusal } from './refusal.ts'

/*
 * What comes in and goes out at the display.
 */

const mostCounted = 9999

interface Item {
  readonly id: string
  readonly name: string
  readonly brand: string | null
  readonly image_filename: string | null
  readonly icon: string | null
  readonly par_level: number
  readonly display_order: number
}

interface Count {
  readonly counted_quantity: number | null
  readonly is_pulled: boolean
}

type SessionItem = ReturnType<typeof toSessionItem>

export function toCounted(body: unknown) {
  if (typeof body !== 'object' || body === null) throw new Refusal(400, 'A count is an object.')
  const { item_id, counted_quantity }: Record<string, unknown> = { ...body }
  if (typeof item_id !== 'string') throw new Refusal(400, 'item_id must be an id.')
  if (counted_quantity !== null && !isQuantity(counted_quantity))
    throw new Refusal(400, `counted_quantity must be null or from 0 to ${mostCounted}.`)
  return { item_id, counted_quantity }
}

function isQuantity(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= mostCounted
}

export function toSessionItem(item: Item, { counted_quantity, is_pulled }: Count) {
  return {
    item_id: item.id,
    name: item.name,
    brand: item.brand,
    image_filename: item.image_filename,
    icon: item.icon,
    par_level: item.par_level,
    display_order: item.display_order,
    counted_quantity,
    need_quantity:
      counted_quantity === null ? null : Math.max(0, item.par_level - counted_quantity),
    is_pulled,
  }
}

export function pullListOf(items: readonly SessionItem[]) {
  const pull_list = items.filter(({ need_quantity }) => (need_quantity ?? 0) > 0)
  return {
    pull_list,
    total_items: pull_list.length,
    total_units: pull_list.reduce((sum, { need_quantity }) => sum + (need_quantity ?? 0), 0),
    items_pulled: pull_list.filter(({ is_pulled }) => is_pulled).length,
    uncounted: items.filter(({ counted_quantity }) => counted_quantity === null).length,
  }
}
