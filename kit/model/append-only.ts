import type { AnyModel } from './model.ts'

/**
 * How far rows that are only ever added may be deleted after all: up to the `position` that stands as a `mark` in the
 * row of another table that `field` names.
 */
export interface DeletionMark {
  readonly field: string
  readonly of: AnyModel
  readonly position: string
  readonly mark: string
}

/** Rows are only ever added: the database refuses to change them, and to delete them but for what `until` says. */
export interface AppendOnly {
  readonly until?: DeletionMark
}

export function markFaults({ fields, appendOnly }: AnyModel): string[] {
  const { until } = appendOnly ?? {}
  if (!until) return []
  const missing = [until.field, until.position].filter((name) => !fields[name])
  if (!until.of.fields[until.mark]) missing.push(until.mark)
  return missing.map((name) => `appendOnly names "${name}", which is no field.`)
}
