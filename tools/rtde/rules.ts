import { fromInstant, type Instant, toInstant } from '#kit/core'
import type { Row } from '#kit/model'
import type { RtdeCount, RtdeItem, RtdeSession, SessionState } from './model.ts'

export type ItemRow = Row<typeof RtdeItem>
export type SessionRow = Row<typeof RtdeSession>
export type CountRow = Row<typeof RtdeCount>

/** An item as one session sees it. `need_quantity` is null where nobody has counted it. */
export interface SessionItem {
  readonly item_id: string
  readonly name: string
  readonly brand: string | null
  readonly image_filename: string | null
  readonly icon: string | null
  readonly par_level: number
  readonly display_order: number
  readonly counted_quantity: number | null
  readonly need_quantity: number | null
  readonly is_pulled: boolean
}

/** How long a session stays open after whatever was last done in it. */
const openForMs = 30 * 60_000

export function expiryAfter(nowMs: number): Instant {
  return toInstant(nowMs + openForMs)
}

/** The state in which a session is read: at the very instant of its end it is over. */
export function stateAt({ status, expires_at }: SessionRow, nowMs: number): SessionState {
  const isOver = status === 'in_progress' && fromInstant(expires_at) <= nowMs
  return isOver ? 'expired' : status
}

export function asRead(session: SessionRow, nowMs: number): SessionRow {
  return { ...session, status: stateAt(session, nowMs) }
}

/** Ends an open session now; one that is over already ended when it did. */
export function expire({ expires_at }: SessionRow, nowMs: number) {
  const endMs = Math.min(fromInstant(expires_at), nowMs)
  return { status: 'expired', expires_at: toInstant(endMs) } as const
}

/** How many are to be fetched; null where nobody has counted. */
export function needOf(par: number, counted: number | null): number | null {
  return counted === null ? null : Math.max(0, par - counted)
}

/** An item with what the session holds of it. What is frozen in the count goes before what the item says now. */
export function toSessionItem(item: ItemRow, count: CountRow | undefined): SessionItem {
  const par = count?.par_level ?? item.par_level
  const counted = count?.counted_quantity ?? null
  return {
    item_id: item.id,
    name: item.name,
    brand: item.brand,
    image_filename: item.image_filename,
    icon: item.icon,
    par_level: par,
    display_order: count?.display_order ?? item.display_order,
    counted_quantity: counted,
    need_quantity: needOf(par, counted),
    is_pulled: count?.is_pulled ?? false,
  }
}

/** These items with what was counted of each, in display order. */
export function toSessionItems(
  items: readonly ItemRow[],
  counts: readonly CountRow[],
): SessionItem[] {
  const countOf = new Map(counts.map((count) => [count.item_id, count]))
  return items
    .map((item) => toSessionItem(item, countOf.get(item.id)))
    .sort((a, b) => a.display_order - b.display_order)
}

/** What is to be fetched; uncounted items, where they are wanted, with their full par. */
export function pullListOf(
  items: readonly SessionItem[],
  uncounted: 'with uncounted' | 'counted only',
) {
  const list = items
    .map((item) => (uncounted === 'with uncounted' ? withFullNeed(item) : item))
    .filter(({ need_quantity }) => (need_quantity ?? 0) > 0)
  return {
    pull_list: list,
    total_items: list.length,
    total_units: unitsOf(list),
    items_pulled: list.filter(({ is_pulled }) => is_pulled).length,
    uncounted: items.filter(isUncounted).length,
  }
}

/** What a completed round comes to: the plain list, and all that is ticked, uncounted items with their par. */
export function tallyOf(items: readonly SessionItem[]) {
  const { total_items, total_units, uncounted } = pullListOf(items, 'counted only')
  const pulled = items.filter(({ is_pulled }) => is_pulled).map(withFullNeed)
  return {
    items_counted: items.length - uncounted,
    uncounted,
    lines: total_items,
    units: total_units,
    lines_pulled: pulled.length,
    units_pulled: unitsOf(pulled),
  }
}

function isUncounted({ counted_quantity }: SessionItem): boolean {
  return counted_quantity === null
}

function withFullNeed(item: SessionItem): SessionItem {
  return { ...item, need_quantity: item.need_quantity ?? item.par_level }
}

function unitsOf(items: readonly SessionItem[]): number {
  return items.reduce((sum, { need_quantity }) => sum + (need_quantity ?? 0), 0)
}
