import { type Expression, sql } from 'kysely'
import { toInstant } from '#kit/core'
import { ConstraintFault, describeConflict } from '../constraint-fault.ts'
import type { ColumnRow, Statement, Value } from '../types.ts'
import { assertOwnerKept, assertWritten, newOwnerOf, refusedBy } from './assert-writable.ts'
import {
  answerColumns,
  anyDiffers,
  assignments,
  type BeforeAndAfter,
  splitAnswer,
  stampedNames,
} from './before-and-after.ts'
import { assertMutable, type BoundModel, type Patch, scopeFor } from './bound-model.ts'
import { isInOne } from './change-in-one.ts'
import { applyChange, lockFirst } from './change-row.ts'
import { allOf, type Condition, scopeConditions, shapeOf, valuesOf } from './conditions.ts'
import { differencesFrom } from './differences.ts'
import type { ModelPlan } from './model-plan.ts'
import { recordChange, recordCreation } from './record.ts'
import { assertReferences } from './references.ts'
import { slot, toStatement } from './slots.ts'
import { type UniqueKey, uniqueKeyOf } from './unique-key.ts'
import { toChanges, toNewRow } from './values.ts'
import { write } from './write.ts'

interface Put {
  readonly key: UniqueKey
  /** The whole row, should there be none. */
  readonly row: ColumnRow
  /** What a row that is there is to hold. */
  readonly values: ColumnRow
  /** Those of the row that is there, where the repository reaches it. */
  readonly conditions: readonly Condition[]
}

/** Creates the row with this key, or changes the one that there is. */
export async function putRow(bound: BoundModel, key: Patch, input: Patch): Promise<ColumnRow> {
  const { plan, binding } = bound
  const { model } = plan
  assertMutable(model)
  const scope = scopeFor(bound, 'write')
  const whole = { ...input, ...key }
  const row = toNewRow(model, {
    input: whole,
    ownerId: newOwnerOf(bound, whole),
    refused: refusedBy(bound, whole),
    nowMs: binding.nowMs(),
  })
  const values = toChanges(model, input, [])
  assertOwnerKept(bound, scope, values)
  await assertReferences(bound, row)
  const checkedKey = Object.fromEntries(Object.keys(key).map((name) => [name, row[name]]))
  const unique = uniqueKeyOf(plan, checkedKey)
  const conditions = [...unique.conditions, ...scopeConditions(plan, scope)]
  const put = { key: unique, row, values, conditions }
  return isInOne(bound) ? putInOne(bound, put) : putStepwise(bound, put)
}

/** What stands between two statements is nobody else's doing: a unit sees and leaves what it would if it ran alone. */
async function putStepwise(bound: BoundModel, put: Put): Promise<ColumnRow> {
  const { plan } = bound
  const { row, values, key, conditions } = put
  const before = await lockFirst(bound, conditions)
  if (before) return applyChange(bound, { action: 'change', before, values })
  assertWritten(bound, row)
  const given = givenColumns(plan, row)
  const statement = plan.statement(`add ${given.join(',')} ${key.fields.join(',')}`, () =>
    toStatement(
      plan.dialect.compiler
        .insertInto(plan.model.table)
        .values(slotsOf(given))
        .onConflict((conflict) => conflict.expression(key.target).doNothing())
        .returning('id'),
    ),
  )
  const [after] = await write(bound, statement, encoded(plan, given, row))
  return settle(bound, put, { before: undefined, after: after && plan.decode(after) })
}

async function putInOne(bound: BoundModel, put: Put): Promise<ColumnRow> {
  const { plan } = bound
  const given = givenColumns(plan, put.row)
  const names = Object.keys(put.values)
  const shape = [given.join(','), names.join(','), shapeOf(put.conditions)].join(' ')
  const statement = plan.statement(`put ${shape}`, () => compilePut(plan, put, given))
  const values = { ...encoded(plan, given, put.row), ...valuesOf(put.conditions) }
  const [answer] = await write(bound, statement, values)
  return settle(bound, put, splitAnswer(plan, answer ?? {}))
}

/** Records what became of the row. Throws `conflict` where there is one that the repository does not reach. */
async function settle(
  bound: BoundModel,
  { row, key }: Put,
  { before, after }: BeforeAndAfter,
): Promise<ColumnRow> {
  const { model } = bound.plan
  if (before === undefined && after === undefined)
    throw describeConflict(model, new ConstraintFault('unique', key.fields, undefined))
  if (before === undefined) {
    const created = { ...row, id: after?.['id'] }
    await recordCreation(bound, created)
    return created
  }
  if (after === undefined) return before
  const now = toInstant(bound.binding.nowMs())
  const changes = differencesFrom(model, before, { values: after, now })
  if (changes) await recordChange(bound, { action: 'change', before, changes })
  return { ...before, ...after }
}

function compilePut(
  plan: ModelPlan,
  { key, values, conditions }: Put,
  given: readonly string[],
): Statement {
  const { table } = plan.model
  const { compiler, lockRow } = plan.dialect
  const names = Object.keys(values)
  const stamped = names.length === 0 ? [] : stampedNames(plan, names)
  return toStatement(
    compiler
      .with('before', (db) => {
        const query = db.selectFrom(table).select(plan.columns).where(allOf(plan, conditions))
        return lockRow ? query.modifyEnd(lockRow) : query
      })
      .with('after', (db) =>
        db
          .insertInto(table)
          .values(slotsOf(given))
          .onConflict((conflict) => {
            const target = conflict.expression(key.target)
            if (names.length === 0) return target.doNothing()
            const parts = { given: excluded, now: excluded('updated_at') }
            return target
              .doUpdateSet((eb) => assignments(plan, names, { eb, ...parts }))
              .where((eb) => eb(`${table}.id`, '=', eb.selectFrom('before').select('before.id')))
              .where((eb) => anyDiffers(eb, plan, { names, given: excluded }))
          })
          .returning(['id', ...stamped].map((name) => `${table}.${name}`)),
      )
      .with('one', (db) => db.selectNoFrom((eb) => eb.lit(1).as('one')))
      .selectFrom('one')
      .leftJoin('before', (join) => join.onTrue())
      .leftJoin('after', (join) => join.onTrue())
      .select(answerColumns(plan, stamped)),
  )
}

/** The value that was to be inserted. */
function excluded(name: string): Expression<never> {
  return sql.ref(`excluded.${name}`) as Expression<never>
}

function givenColumns(plan: ModelPlan, row: ColumnRow): string[] {
  return plan.columns.filter((name) => row[name] !== null || name !== 'id')
}

function slotsOf(names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, slot(name)]))
}

function encoded(plan: ModelPlan, names: readonly string[], row: ColumnRow): Record<string, Value> {
  return Object.fromEntries(names.map((name) => [name, plan.encode(name, row[name])]))
}
