import type { AnyModel } from '#kit/model'
import type { ColumnRow } from '../types.ts'

type Values = Readonly<Record<string, unknown>>

/** Whether two values of a field are the same; of JSON, whatever the order of its keys. */
export function isSame(a: unknown, b: unknown): boolean {
  return a === b || (isStructured(a) && isStructured(b) && Bun.deepEquals(a, b))
}

function isStructured(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/**
 * What a write of these values changes of the row, with `updated_at` where they do not say it themselves and more than
 * untracked fields change. Undefined where the row is as they say already: then nothing is to be written.
 */
export function differencesFrom(
  model: AnyModel,
  before: Values,
  { values, now }: { readonly values: Values; readonly now: string },
): ColumnRow | undefined {
  const changes: ColumnRow = {}
  let isAny = false
  let movesTime = false
  for (const name in values) {
    if (isSame(before[name], values[name])) continue
    changes[name] = values[name]
    isAny = true
    movesTime ||= isTracked(model, name)
  }
  if (!isAny) return undefined
  if (movesTime && values['updated_at'] === undefined) changes['updated_at'] = now
  return changes
}

export function isTracked(model: AnyModel, name: string): boolean {
  return model.fields[name]?.spec.isTracked ?? true
}

/** The row, its JSON values included, for somebody who may change it. */
export function copyOf(row: Values): ColumnRow {
  const copy: ColumnRow = {}
  for (const name in row) copy[name] = copyValue(row[name])
  return copy
}

export function copyValue(value: unknown): unknown {
  return isStructured(value) ? structuredClone(value) : value
}
