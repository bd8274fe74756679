import { type Fault, invalidInput, Problem } from '#kit/core'

/** A row with a place among those that are active: 1…n, without gaps. Inactive ones keep the number that they had. */
export interface OrderedRow {
  readonly id: string
  readonly display_order: number
  readonly active: boolean
}

/** A repository of such rows, as far as their order needs it. */
export interface OrderedRows<R extends OrderedRow = OrderedRow> {
  list(options: {
    readonly where:
      | { readonly active: boolean }
      | { readonly id: { readonly in: readonly string[] } }
    readonly sort: 'display_order'
    readonly limit: number
    readonly cursor?: string | undefined
  }): Promise<{ readonly rows: readonly R[]; readonly next: string | undefined }>
  change(id: string, patch: { readonly display_order: number }): Promise<unknown>
}

/** One place of a new order. */
export interface ItemOrder {
  readonly id: string
  readonly display_order: number
}

/** How many can be active at once. */
export const mostOrdered = 100

/** The active rows in their order. */
export async function listOrdered<R extends OrderedRow>(
  all: OrderedRows<R>,
): Promise<readonly R[]> {
  const { rows } = await all.list({
    where: { active: true },
    sort: 'display_order',
    limit: mostOrdered,
  })
  return rows
}

/** The active rows in their order, and the inactive ones, however many, behind them. */
export async function listWithInactive<R extends OrderedRow>(
  all: OrderedRows<R>,
): Promise<readonly R[]> {
  const found = [...(await listOrdered(all))]
  const where = { active: false }
  let cursor: string | undefined
  do {
    const page = await all.list({ where, sort: 'display_order', limit: mostOrdered, cursor })
    found.push(...page.rows)
    cursor = page.next
  } while (cursor !== undefined)
  return found
}

/** The place of one that becomes active: the last. Throws `conflict` where there are a hundred. */
export async function lastPlace(all: OrderedRows): Promise<number> {
  const { length } = await listOrdered(all)
  if (length < mostOrdered) return length + 1
  throw new Problem('conflict', `At most ${mostOrdered} can be active. Deactivate another first.`)
}

/** Closes the gaps that rows left which are active no more. */
export async function closeUp(all: OrderedRows): Promise<void> {
  await place(all, await listOrdered(all))
}

/** Moves an active row to a place, beyond the last to the last; the others close up. */
export async function moveTo(all: OrderedRows, id: string, position: number): Promise<void> {
  const rows = await listOrdered(all)
  const moved = rows.filter((row) => row.id === id)
  const others = rows.filter((row) => row.id !== id)
  await place(all, [...others.slice(0, position - 1), ...moved, ...others.slice(position - 1)])
}

/**
 * Puts all active rows into this order. Throws `invalid` with all that is wrong with it: it must name every active row
 * once, and every place once.
 */
export async function reorder(all: OrderedRows, orders: readonly ItemOrder[]): Promise<void> {
  const rows = await listOrdered(all)
  const faults = await faultsOf(all, rows, orders)
  if (faults.length > 0) throw invalidInput(faults)
  const wanted = new Map(orders.map(({ id, display_order }) => [id, display_order]))
  const placeOf = ({ id }: OrderedRow) => wanted.get(id) ?? 0
  await place(
    all,
    rows.toSorted((a, b) => placeOf(a) - placeOf(b)),
  )
}

/** Throws `conflict` where the active rows do not stand at 1…n. */
export async function assertOrdered(all: OrderedRows, what: string): Promise<void> {
  const rows = await listOrdered(all)
  if (rows.every(({ display_order }, at) => display_order === at + 1)) return
  throw new Problem('conflict', `The order of the ${what} would have a gap or a place twice.`)
}

/** Gives the rows the places in which they stand. Always in the order of their ids, so that two who do it do not wait for each other. */
async function place(all: OrderedRows, rows: readonly OrderedRow[]): Promise<void> {
  const moved = rows
    .map((row, at) => ({ row, display_order: at + 1 }))
    .filter(({ row, display_order }) => row.display_order !== display_order)
    .sort((a, b) => (a.row.id < b.row.id ? -1 : 1))
  for (const { row, display_order } of moved) await all.change(row.id, { display_order })
}

async function faultsOf(
  all: OrderedRows,
  rows: readonly OrderedRow[],
  orders: readonly ItemOrder[],
): Promise<Fault[]> {
  const active = new Set(rows.map(({ id }) => id))
  const strangers = orders.map(({ id }) => id).filter((id) => !active.has(id))
  const inactive = new Set(await known(all, strangers))
  const named = new Set(orders.map(({ id }) => id))
  const missing = rows
    .filter(({ id }) => !named.has(id))
    .map(({ id }) => fault('item_orders', 'missing', `${id} is missing.`))
  const seen = { ids: new Set<string>(), places: new Set<number>() }
  const wrong = orders.flatMap(({ id, display_order }, at) => [
    ...idFaults(`item_orders.${at}.id`, { id, seen: seen.ids, active, inactive }),
    ...placeFaults(`item_orders.${at}.display_order`, {
      display_order,
      seen: seen.places,
      most: rows.length,
    }),
  ])
  return [...wrong, ...missing]
}

async function known(all: OrderedRows, ids: readonly string[]): Promise<readonly string[]> {
  if (ids.length === 0) return []
  const { rows } = await all.list({
    where: { id: { in: ids } },
    sort: 'display_order',
    limit: mostOrdered,
  })
  return rows.map(({ id }) => id)
}

interface NamedId {
  readonly id: string
  readonly seen: Set<string>
  readonly active: ReadonlySet<string>
  readonly inactive: ReadonlySet<string>
}

function idFaults(path: string, { id, seen, active, inactive }: NamedId): Fault[] {
  if (seen.has(id)) return [fault(path, 'duplicate', 'Is named twice.')]
  seen.add(id)
  if (active.has(id)) return []
  if (inactive.has(id)) return [fault(path, 'inactive', 'Is not active.')]
  return [fault(path, 'unknown', 'There is none with this id.')]
}

interface NamedPlace {
  readonly display_order: number
  readonly seen: Set<number>
  readonly most: number
}

function placeFaults(path: string, { display_order, seen, most }: NamedPlace): Fault[] {
  if (seen.has(display_order)) return [fault(path, 'duplicate', 'Is named twice.')]
  seen.add(display_order)
  return display_order <= most ? [] : [fault(path, 'range', `Must be at most ${most}.`)]
}

function fault(path: string, code: string, message: string): Fault {
  return { path, code, message }
}
