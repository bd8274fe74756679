import { toInstant } from '#kit/core'
import type { AuditAction } from '../audit/audit-models.ts'
import type { ColumnRow, Statement } from '../types.ts'
import { boundsWrittenRows } from './assert-writable.ts'
import {
  answerColumns,
  anyDiffers,
  assignments,
  splitAnswer,
  stampedNames,
} from './before-and-after.ts'
import { type BoundModel, missing } from './bound-model.ts'
import { allOf, type Condition, shapeOf, valuesOf } from './conditions.ts'
import { differencesFrom } from './differences.ts'
import type { ModelPlan } from './model-plan.ts'
import { isGuarded } from './precondition.ts'
import { recordChange } from './record.ts'
import { slot, toStatement } from './slots.ts'
import { write } from './write.ts'

interface Change {
  readonly action: AuditAction
  readonly conditions: readonly Condition[]
  readonly values: ColumnRow
}

/** Whether the engine changes a row and answers it as it was in one statement, and nobody has to look between. */
export function isInOne(bound: BoundModel): boolean {
  return bound.plan.dialect.changesInsideRead && !isGuarded(bound) && !boundsWrittenRows(bound)
}

/**
 * Changes a row and learns how it was in one journey to the database: where it is as the values say already, nothing is
 * written.
 */
export async function changeInOne(
  bound: BoundModel,
  { action, conditions, values }: Change,
): Promise<ColumnRow> {
  const { plan, binding } = bound
  const names = Object.keys(values)
  const statement = plan.statement(`change ${names.join(',')} ${shapeOf(conditions)}`, () =>
    compileChange(plan, names, conditions),
  )
  const now = toInstant(binding.nowMs())
  const given = valuesOf(conditions)
  for (const name of names) given[`set_${name}`] = plan.encode(name, values[name])
  given['now'] = now
  const [answer] = await write(bound, statement, given)
  const { before, after } = splitAnswer(plan, answer ?? {})
  if (!before) return missing(plan.model)
  if (!after) return before
  const changes = differencesFrom(plan.model, before, { values: after, now })
  if (changes) await recordChange(bound, { action, before, changes })
  return { ...before, ...after }
}

function compileChange(
  plan: ModelPlan,
  names: readonly string[],
  conditions: readonly Condition[],
): Statement {
  const { table } = plan.model
  const { compiler, lockRow } = plan.dialect
  const stamped = stampedNames(plan, names)
  return toStatement(
    compiler
      .with('before', (db) => {
        const query = db.selectFrom(table).select(plan.columns).where(allOf(plan, conditions))
        return lockRow ? query.modifyEnd(lockRow) : query
      })
      .with('after', (db) =>
        db
          .updateTable(table)
          .from('before')
          .set((eb) => assignments(plan, names, { eb, given: (name) => slot(`set_${name}`) }))
          .whereRef(`${table}.id`, '=', 'before.id')
          .where((eb) => anyDiffers(eb, plan, { names, given: (name) => slot(`set_${name}`) }))
          .returning(['id', ...stamped].map((name) => `${table}.${name}`)),
      )
      .selectFrom('before')
      .leftJoin('after', (join) => join.onTrue())
      .select(answerColumns(plan, stamped)),
  )
}
