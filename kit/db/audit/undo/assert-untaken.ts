import type { Index } from '#kit/model'
import type { ModelPlan } from '../../repository/model-plan.ts'
import { slot, toStatement } from '../../repository/slots.ts'
import type { ColumnRow, Value } from '../../types.ts'
import type { Restoring } from './assert-targets.ts'
import { ask } from './read-entries.ts'
import { cannotUndo } from './refuse.ts'
import type { UndoContext } from './undo-context.ts'

/** No other row may have taken the unique values meanwhile. */
export async function assertUntaken(
  context: UndoContext,
  plan: ModelPlan,
  { entry, row, values }: Restoring,
): Promise<void> {
  for (const [place, index] of plan.model.indexes.entries()) {
    if (!index.unique || !isTouched(index, values) || !isIn(index, row)) continue
    const given: Record<string, Value> = { own: plan.encode('id', row['id']) }
    for (const name of index.fields) given[name] = plan.encode(name, row[name])
    for (const [name, value] of Object.entries(index.where ?? {}))
      given[`where_${name}`] = plan.encode(name, value)
    const [twin] = await ask(context.executor, findTwin(plan, index, place), given)
    if (twin)
      throw cannotUndo(
        entry,
        `${plan.model.name} ${twin['id']} has the same ${index.fields.join(' and ')} now, which must be unique.`,
      )
  }
}

function isTouched(index: Index, values: ColumnRow): boolean {
  return [...index.fields, ...Object.keys(index.where ?? {})].some((name) => name in values)
}

/** Rows without one of the values are never twins, nor are those that the index leaves out. */
function isIn(index: Index, row: ColumnRow): boolean {
  const isGiven = index.fields.every((name) => (row[name] ?? null) !== null)
  return isGiven && Object.entries(index.where ?? {}).every(([name, value]) => row[name] === value)
}

function findTwin(plan: ModelPlan, index: Index, place: number) {
  const { dialect, model } = plan
  const isFolded = (name: string) =>
    index.ignoreCase && (model.fields[name]?.spec.use.kind.isText ?? false)
  return plan.statement(`undo twin ${place}`, () =>
    toStatement(
      dialect.compiler
        .selectFrom(model.table)
        .select('id')
        .where('id', '!=', slot('own'))
        .where((eb) =>
          eb.and([
            ...index.fields.map((name) =>
              isFolded(name)
                ? eb(dialect.fold(eb.ref(name)), '=', dialect.fold(slot(name)))
                : eb(name, '=', slot(name)),
            ),
            ...Object.entries(index.where ?? {}).map(([name, value]) =>
              value === null ? eb(name, 'is', null) : eb(name, '=', slot(`where_${name}`)),
            ),
          ]),
        )
        .limit((eb) => eb.lit(1)),
    ),
  )
}
