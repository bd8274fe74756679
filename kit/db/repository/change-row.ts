import { toInstant } from '#kit/core'
import type { AuditAction } from '../audit/audit-models.ts'
import type { ColumnRow } from '../types.ts'
import { assertOwnerKept, assertWritten, refusedBy } from './assert-writable.ts'
import {
  assertMutable,
  type BoundModel,
  bindSlots,
  type Id,
  idConditions,
  missing,
  type Patch,
  scopeFor,
  statementFor,
} from './bound-model.ts'
import { changeInOne, isInOne } from './change-in-one.ts'
import { activity, type Condition, valuesOf } from './conditions.ts'
import { copyOf, differencesFrom } from './differences.ts'
import { assertFresh } from './precondition.ts'
import { recordChange } from './record.ts'
import { assertReferences } from './references.ts'
import type { Scope } from './scope.ts'
import { slot, toStatement } from './slots.ts'
import { toChanges } from './values.ts'
import { write } from './write.ts'

export type Rule = (row: ColumnRow) => Patch

export async function changeRow(
  bound: BoundModel,
  id: Id,
  patch: Patch | Rule,
): Promise<ColumnRow> {
  assertMutable(bound.plan.model)
  const scope = scopeFor(bound, 'write')
  const conditions = idConditions(bound.plan, scope, id)
  if (typeof patch !== 'function') {
    const values = await checkChanges(bound, scope, patch)
    return changeWhere(bound, { action: 'change', conditions, values })
  }
  const before = await lockRow(bound, conditions)
  const values = await checkChanges(bound, scope, patch(copyOf(before)))
  return applyChange(bound, { action: 'change', before, values })
}

/** Removes the row softly, or brings it back. */
export async function setActivity(
  bound: BoundModel,
  id: Id,
  isActive: boolean,
): Promise<ColumnRow> {
  const { plan } = bound
  const own = scopeFor(bound, 'write')
  const scope = { ...own, isActiveOnly: false, key: `${own.key}+all` }
  return changeWhere(bound, {
    action: isActive ? 'restore' : 'remove',
    conditions: [...idConditions(plan, scope, id), activity(plan, !isActive)],
    values: { is_active: isActive },
  })
}

/** The checked values of a patch. Throws `invalid` and `forbidden` for what the repository may not write. */
export async function checkChanges(
  bound: BoundModel,
  scope: Scope,
  patch: Patch,
): Promise<ColumnRow> {
  const values = toChanges(bound.plan.model, patch, refusedBy(bound, patch))
  assertOwnerKept(bound, scope, values)
  await assertReferences(bound, values)
  return values
}

interface Change {
  readonly action: AuditAction
  readonly conditions: readonly Condition[]
  readonly values: ColumnRow
}

function changeWhere(bound: BoundModel, change: Change): Promise<ColumnRow> {
  const isAny = Object.keys(change.values).length > 0
  return isAny && isInOne(bound) ? changeInOne(bound, change) : changeStepwise(bound, change)
}

async function changeStepwise(bound: BoundModel, change: Change): Promise<ColumnRow> {
  const before = await lockRow(bound, change.conditions)
  return applyChange(bound, { ...change, before })
}

/** The row that meets the conditions, fresh, and locked where the engine needs it. Throws `not_found`, `stale`. */
export async function lockRow(
  bound: BoundModel,
  conditions: readonly Condition[],
): Promise<ColumnRow> {
  const row = await lockFirst(bound, conditions)
  return row ?? missing(bound.plan.model)
}

export async function lockFirst(
  bound: BoundModel,
  conditions: readonly Condition[],
): Promise<ColumnRow | undefined> {
  const { plan, binding } = bound
  const statement = statementFor(
    plan,
    { verb: 'lock', conditions },
    (model, { compiler, lockRow: lock }) => {
      const query = compiler.selectFrom(model.table).select(plan.columns)
      return lock ? query.modifyEnd(lock) : query
    },
  )
  const [found] = await binding.executor.all(statement, bindSlots(statement, valuesOf(conditions)))
  if (!found) return undefined
  const row = plan.decode(found)
  assertFresh(bound, row)
  return row
}

interface KnownChange {
  readonly action: AuditAction
  readonly before: ColumnRow
  readonly values: ColumnRow
}

/** Writes what differs from the row as it was read, and records it. */
export async function applyChange(
  bound: BoundModel,
  { action, before, values }: KnownChange,
): Promise<ColumnRow> {
  const { plan, binding } = bound
  const now = toInstant(binding.nowMs())
  const changes = differencesFrom(plan.model, before, { values, now })
  if (!changes) return before
  assertWritten(bound, { ...before, ...changes })
  const stored = await update(bound, before['id'], changes)
  await recordChange(bound, { action, before, changes: stored })
  return { ...before, ...stored }
}

async function update(bound: BoundModel, id: unknown, changes: ColumnRow): Promise<ColumnRow> {
  const { plan } = bound
  const names = Object.keys(changes)
  const statement = plan.statement(`update ${names.join(',')}`, () =>
    toStatement(
      plan.dialect.compiler
        .updateTable(plan.model.table)
        .set(Object.fromEntries(names.map((name) => [name, slot(`set_${name}`)])))
        .where('id', '=', slot('id'))
        // As it is stored: JSON may come back in another order of its keys.
        .returning(names),
    ),
  )
  const values = Object.fromEntries(
    names.map((name) => [`set_${name}`, plan.encode(name, changes[name])]),
  )
  const [row] = await write(bound, statement, { ...values, id: plan.encode('id', id) })
  return row ? plan.decode(row) : missing(plan.model)
}
