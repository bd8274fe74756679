import { toInstant } from '#kit/core'
import type { AuditAction } from '../audit/audit-models.ts'
import type { ColumnRow, Value } from '../types.ts'
import { assertWritten } from './assert-writable.ts'
import { type BoundModel, bindSlots, statementFor } from './bound-model.ts'
import { type Condition, valuesOf } from './conditions.ts'
import { differencesFrom, isTracked } from './differences.ts'
import { idChunks } from './id-chunks.ts'
import { assertFresh } from './precondition.ts'
import { recordChange, recordRemoval } from './record.ts'
import { slot, toStatement } from './slots.ts'
import { write } from './write.ts'

/** Rows that are held in memory at a time. */
const portionSize = 500

/**
 * Goes through all rows that meet the conditions, in the order of their ids, locked where the engine needs it. What
 * `work` changes of a row must not bring it back under a higher id. Answers the sum of what `work` answers.
 */
export async function eachPortion(
  bound: BoundModel,
  conditions: readonly Condition[],
  work: (rows: readonly ColumnRow[]) => Promise<number>,
): Promise<number> {
  let sum = 0
  let after: unknown
  for (;;) {
    const rows = await portion(bound, conditions, after)
    if (rows.length > 0) sum += await work(rows)
    if (rows.length < portionSize) return sum
    after = rows.at(-1)?.['id']
  }
}

async function portion(
  bound: BoundModel,
  conditions: readonly Condition[],
  after: unknown,
): Promise<ColumnRow[]> {
  const { plan, binding } = bound
  const all = after === undefined ? conditions : [...conditions, beyond(bound, after)]
  const statement = statementFor(
    plan,
    { verb: 'portion', conditions: all },
    (model, { compiler, lockRow }) => {
      const query = compiler
        .selectFrom(model.table)
        .select(plan.columns)
        .orderBy('id')
        .limit((eb) => eb.lit(portionSize))
      return lockRow ? query.modifyEnd(lockRow) : query
    },
  )
  const found = await binding.executor.all(statement, bindSlots(statement, valuesOf(all)))
  const rows = found.map(plan.decode)
  for (const row of rows) assertFresh(bound, row)
  return rows
}

function beyond({ plan }: BoundModel, id: unknown): Condition {
  return {
    shape: 'beyond',
    build: (eb) => eb('id', '>', slot('beyond')),
    values: { beyond: plan.encode('id', id) },
  }
}

export interface ManyChanges {
  readonly action: AuditAction
  readonly rows: readonly ColumnRow[]
  /** What all of them are to hold. */
  readonly values: ColumnRow
}

/** Writes these values to the rows that do not hold them yet, and records it. Answers how many those were. */
export async function applyToMany(
  bound: BoundModel,
  { action, rows, values }: ManyChanges,
): Promise<number> {
  const { model } = bound.plan
  const now = toInstant(bound.binding.nowMs())
  const changed = rows.flatMap((before) => {
    const changes = differencesFrom(model, before, { values, now })
    return changes ? [{ before, changes }] : []
  })
  for (const { before, changes } of changed) assertWritten(bound, { ...before, ...changes })
  const isStamped = ({ changes }: { changes: ColumnRow }) =>
    Object.keys(changes).some((name) => isTracked(model, name))
  const stamp = values['updated_at'] === undefined ? { updated_at: now } : {}
  await updateMany(bound, idsOf(changed.filter(isStamped)), { ...values, ...stamp })
  await updateMany(bound, idsOf(changed.filter((each) => !isStamped(each))), values)
  for (const { before, changes } of changed) await recordChange(bound, { action, before, changes })
  return changed.length
}

function idsOf(changed: readonly { readonly before: ColumnRow }[]): unknown[] {
  return changed.map(({ before }) => before['id'])
}

async function updateMany(
  bound: BoundModel,
  ids: readonly unknown[],
  values: ColumnRow,
): Promise<void> {
  const { plan } = bound
  const names = Object.keys(values)
  const given: Record<string, Value> = {}
  for (const name of names) given[`set_${name}`] = plan.encode(name, values[name])
  for (const chunk of idChunks(plan, 'id', ids)) {
    const statement = plan.statement(`update ${names.join(',')} in${chunk.size}`, () =>
      toStatement(
        plan.dialect.compiler
          .updateTable(plan.model.table)
          .set(Object.fromEntries(names.map((name) => [name, slot(`set_${name}`)])))
          .where('id', 'in', chunk.slots()),
      ),
    )
    await write(bound, statement, { ...given, ...chunk.values })
  }
}

/** Removes these rows for good and records it. */
export async function deleteMany(bound: BoundModel, rows: readonly ColumnRow[]): Promise<void> {
  const { plan } = bound
  const ids = rows.map((row) => row['id'])
  for (const chunk of idChunks(plan, 'id', ids)) {
    const statement = plan.statement(`delete in${chunk.size}`, () =>
      toStatement(
        plan.dialect.compiler.deleteFrom(plan.model.table).where('id', 'in', chunk.slots()),
      ),
    )
    await write(bound, statement, chunk.values)
  }
  for (const row of rows) await recordRemoval(bound, row)
}
