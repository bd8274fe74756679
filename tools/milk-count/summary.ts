import type { Row } from '#kit/model'
import type { MilkEntry, MilkType } from './model.ts'
import type { Category, Method } from './phases.ts'

export type TypeRow = Row<typeof MilkType>
export type EntryRow = Row<typeof MilkEntry>

/** An entry with what it is called: what is frozen in it goes before what its type says now. */
export type NamedEntry = EntryRow & {
  readonly milk_type_name: string
  readonly milk_type_category: Category
}

/** One milk of a summary. What rests on a phase that is not saved is null. */
export interface SummaryLine {
  readonly milk_type_id: string
  readonly milk_type: string
  readonly category: Category
  readonly foh: number | null
  readonly boh: number | null
  readonly method: Method | null
  readonly current_boh: number | null
  readonly delivered: number | null
  readonly on_order: number | null
  readonly total: number | null
  readonly par: number
  readonly order: number | null
}

/** Entries beside their types, in the order in which they are shown. */
export interface Placed {
  readonly entry: EntryRow
  readonly type: TypeRow
}

/**
 * The entries in order: the frozen one, else that of their types, inactive ones last. An entry whose type is not among
 * these is left out.
 */
export function inOrder(entries: readonly EntryRow[], types: readonly TypeRow[]): Placed[] {
  const typeOf = new Map(types.map((type) => [type.id, type]))
  return entries
    .flatMap((entry) => {
      const type = typeOf.get(entry.milk_type_id)
      return type ? [{ entry, type }] : []
    })
    .sort((a, b) => placeOf(a) - placeOf(b) || (a.type.id < b.type.id ? -1 : 1))
}

/** Behind all that are active. */
const inactive = 1_000_000

function placeOf({ entry, type }: Placed): number {
  return entry.type_order ?? type.display_order + (type.active ? 0 : inactive)
}

export function toNamed({ entry, type }: Placed): NamedEntry {
  return {
    ...entry,
    milk_type_name: entry.type_name ?? type.name,
    milk_type_category: entry.type_category ?? type.category,
  }
}

/** What a completion freezes of each entry, where it is not frozen yet. */
export function frozen({ entry, type }: Placed, place: number) {
  return {
    par_value: entry.par_value ?? type.par_value,
    type_name: entry.type_name ?? type.name,
    type_category: entry.type_category ?? type.category,
    type_order: entry.type_order ?? place,
  }
}

/** Nothing is frozen. */
export const thawed = Object.freeze({
  par_value: null,
  type_name: null,
  type_category: null,
  type_order: null,
})

export function toLine(placed: Placed): SummaryLine {
  const { entry, type } = placed
  const { milk_type_name, milk_type_category } = toNamed(placed)
  const par = entry.par_value ?? type.par_value
  const delivered = deliveredOf(entry)
  const total = totalOf(entry)
  return {
    milk_type_id: type.id,
    milk_type: milk_type_name,
    category: milk_type_category,
    foh: entry.foh_count,
    boh: entry.boh_count,
    method: entry.morning_method,
    current_boh: entry.current_boh,
    delivered,
    on_order: entry.on_order,
    total,
    par,
    order: minus(par, plus(total, entry.on_order)),
  }
}

/** What came since the night: as typed, or what was found more than the night had left. */
function deliveredOf({ morning_method, current_boh, boh_count, delivered }: EntryRow) {
  return morning_method === 'boh_count' ? minus(current_boh, boh_count) : delivered
}

/** What is in the house. */
function totalOf(entry: EntryRow): number | null {
  const { morning_method, foh_count, boh_count, current_boh, delivered } = entry
  return plus(foh_count, morning_method === 'boh_count' ? current_boh : plus(boh_count, delivered))
}

export function totalsOf(lines: readonly SummaryLine[]) {
  const sum = (read: (line: SummaryLine) => number | null) => lines.map(read).reduce(plus, 0)
  return {
    total_foh: sum(({ foh }) => foh),
    total_boh: sum(({ boh }) => boh),
    total_delivered: sum(({ delivered }) => delivered),
    total_on_order: sum(({ on_order }) => on_order),
    total_inventory: sum(({ total }) => total),
    total_par: sum(({ par }) => par) ?? 0,
    total_order: sum(({ order }) => order),
  }
}

/** Of what is not known, nothing is known. */
function plus(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b
}

/** Never below 0. */
function minus(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.max(0, a - b)
}
