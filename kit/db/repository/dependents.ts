import type { AnyModel } from '#kit/model'
import type { ColumnRow } from '../types.ts'
import { type BoundModel, bindSlots } from './bound-model.ts'
import { idChunks } from './id-chunks.ts'
import { applyToMany, deleteMany } from './many-rows.ts'
import { planOf } from './model-plan.ts'
import { type Referrer, referrersOf, referrersTo, refersTo } from './referrers.ts'
import { unboundScoping } from './scope.ts'
import { toStatement } from './slots.ts'

type Rows = Map<unknown, ColumnRow>

interface Removal {
  readonly model: AnyModel
  readonly rows: Rows
}

interface Detachment {
  readonly model: AnyModel
  readonly row: ColumnRow
  readonly fields: Set<string>
}

/** What goes along with rows that are removed for good. */
interface Dependents {
  /** By table, in the order in which they were found. */
  readonly removals: Map<string, Removal>
  /** By table and id: rows that stay, and their fields that are to be null. */
  readonly detachments: Map<string, Detachment>
}

/**
 * Does to the rows that refer to these what the database would do to them when these are removed for good: it removes
 * them, or sets their reference to null. Done here, it is recorded. No policy stands in the way, as none does there.
 */
export async function removeDependents(
  bound: BoundModel,
  rows: readonly ColumnRow[],
): Promise<void> {
  if (referrersOf(bound).length === 0) return
  const { removals, detachments } = await collect(bound, rows)
  for (const { model, row, fields } of detachments.values()) {
    const values = Object.fromEntries([...fields].map((name) => [name, null]))
    await applyToMany(unbound(bound, model), { action: 'change', rows: [row], values })
  }
  // Those found last refer to those found first.
  for (const { model, rows: gone } of inOrder([...removals.values()]))
    await deleteMany(unbound(bound, model), [...gone.values()].reverse())
}

/** The database does this to whatever rows there are. Nobody sent `If-Match` for them. */
function unbound({ plan, binding, models }: BoundModel, model: AnyModel): BoundModel {
  const { precondition: _, ...rest } = binding
  return { plan: planOf(model, plan.dialect), binding: rest, scoping: unboundScoping, models }
}

async function collect(bound: BoundModel, roots: readonly ColumnRow[]): Promise<Dependents> {
  const { model: root } = bound.plan
  const rootIds = roots.map((row) => row['id'])
  const found: Dependents = { removals: new Map(), detachments: new Map() }
  const isRoot = new Set(rootIds)
  const queue: { model: AnyModel; ids: readonly unknown[] }[] = [{ model: root, ids: rootIds }]
  for (const { model, ids } of queue)
    for (const referrer of referrersTo(bound.models ?? [], model)) {
      const rows = await rowsReferring(unbound(bound, referrer.model), referrer.field, ids)
      const other = rows.filter(
        (row) => referrer.model.table !== root.table || !isRoot.has(row['id']),
      )
      const added = add(found, referrer, other)
      if (added.length > 0) queue.push({ model: referrer.model, ids: added })
    }
  for (const [key, { model, row }] of found.detachments)
    if (found.removals.get(model.table)?.rows.has(row['id'])) found.detachments.delete(key)
  return found
}

/** Answers the ids of those that are removed and were not known before. */
function add(found: Dependents, referrer: Referrer, rows: readonly ColumnRow[]): unknown[] {
  const { model, field, onDelete } = referrer
  if (onDelete === 'set null') {
    for (const row of rows) {
      const key = `${model.table} ${row['id']}`
      const detachment = found.detachments.get(key) ?? { model, row, fields: new Set<string>() }
      found.detachments.set(key, detachment)
      detachment.fields.add(field)
    }
    return []
  }
  const removal: Removal = found.removals.get(model.table) ?? { model, rows: new Map() }
  found.removals.set(model.table, removal)
  const added = rows.filter((row) => !removal.rows.has(row['id']))
  for (const row of added) removal.rows.set(row['id'], row)
  return added.map((row) => row['id'])
}

async function rowsReferring(
  { plan, binding }: BoundModel,
  field: string,
  ids: readonly unknown[],
): Promise<ColumnRow[]> {
  const { compiler, lockRow } = plan.dialect
  const rows: ColumnRow[] = []
  for (const chunk of idChunks(plan, field, ids)) {
    const statement = plan.statement(`referring ${field} in${chunk.size}`, () => {
      const query = compiler
        .selectFrom(plan.model.table)
        .select(plan.columns)
        .where(field, 'in', chunk.slots())
        .orderBy('id')
      return toStatement(lockRow ? query.modifyEnd(lockRow) : query)
    })
    rows.push(...(await binding.executor.all(statement, bindSlots(statement, chunk.values))))
  }
  return rows.map(plan.decode)
}

/** Tables whose rows refer to others before those others; in a circle, those found last come first. */
function inOrder(removals: readonly Removal[]): Removal[] {
  const waiting = [...removals]
  const ordered: Removal[] = []
  while (waiting.length > 0) {
    const free = waiting.findLastIndex(({ model }, index) =>
      waiting.every((other, place) => place === index || !refersTo(other.model, model)),
    )
    ordered.push(...waiting.splice(free === -1 ? waiting.length - 1 : free, 1))
  }
  return ordered
}
