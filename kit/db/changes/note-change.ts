import type { AnyModel } from '#kit/model'
import type { ColumnRow, Executor, Unit } from '../types.ts'
import { isFollowed, type RowChange, sightFieldsOf } from './row-change.ts'

interface Written {
  readonly action: RowChange['action']
  readonly id: unknown
  /** The row as it was. */
  readonly before: Readonly<ColumnRow> | undefined
}

/** Notes a written row in its unit, for those who follow the model. */
export function noteChange(executor: Executor, model: AnyModel, written: Written): void {
  if (!isFollowed(model) || !isUnit(executor)) return
  const { action, id, before } = written
  executor.note({
    model: model.name,
    action,
    id: id as string | number,
    before: before && sightOf(model, before),
  })
}

/** Notes that rows were written of which nobody knows which. */
export function noteSome(executor: Executor, model: AnyModel, action: RowChange['action']): void {
  if (isFollowed(model) && isUnit(executor))
    executor.note({ model: model.name, action, id: undefined, before: undefined })
}

function sightOf(model: AnyModel, row: Readonly<ColumnRow>): ColumnRow {
  const sight: ColumnRow = {}
  for (const name of sightFieldsOf(model)) sight[name] = row[name] ?? null
  return sight
}

function isUnit(executor: Executor): executor is Unit {
  return 'note' in executor
}
