import { type AnyModel, derivedFrom, isSecret, toStoredSchema } from '#kit/model'
import { isSame } from '../../repository/differences.ts'
import type { ColumnRow } from '../../types.ts'
import { secretChanged } from '../audit-draft.ts'

type Values = Readonly<Record<string, unknown>>

/** Whether the row still has the values that an entry left. Untracked fields may have changed since without one. */
export function isAsLeft(model: AnyModel, left: Values, row: Values): boolean {
  return Object.entries(left).every(([name, value]) => {
    const present = presentName(model, name)
    const field = present === undefined ? undefined : model.fields[present]
    if (present === undefined || !field?.spec.isTracked) return true
    const now = row[present] ?? null
    return isSecret(model, present) ? (value === null) === (now === null) : isSame(value, now)
  })
}

export type Restored =
  | { readonly ok: true; readonly values: ColumnRow }
  | { readonly ok: false; readonly reason: string }

/** The values of an entry as the model has them today. Says why not, where one cannot be set any more. */
export function toRestored(model: AnyModel, recorded: Values): Restored {
  const values: ColumnRow = {}
  for (const [name, value] of Object.entries(recorded)) {
    const present = presentName(model, name)
    if (present === undefined)
      return { ok: false, reason: `${model.name} has no field "${name}" any more.` }
    const reason = faultOf(model, present, value)
    if (reason !== undefined) return { ok: false, reason }
    values[present] = value
  }
  return { ok: true, values: { ...values, ...derivedFrom(model, values) } }
}

/** A whole row of an entry as the model has it today; fields that came since have their defaults. */
export function toRestoredRow(model: AnyModel, recorded: Values): Restored {
  const restored = toRestored(model, recorded)
  if (!restored.ok) return restored
  for (const [name, { spec }] of Object.entries(model.fields)) {
    if (name in restored.values) continue
    if (!spec.hasDefault && !spec.isOptional) return { ok: false, reason: needsValue(name) }
    restored.values[name] = spec.hasDefault ? spec.defaultValue : null
  }
  return restored
}

/** The field's name today: it may have been renamed since. */
function presentName(model: AnyModel, name: string): string | undefined {
  if (model.fields[name]) return name
  return Object.entries(model.fields).find(([, { spec }]) => spec.was === name)?.[0]
}

function faultOf(model: AnyModel, name: string, value: unknown): string | undefined {
  if (value !== null && isSecret(model, name))
    return value === secretChanged
      ? `"${name}" is secret, and the trail does not hold what it was.`
      : `"${name}" is secret now.`
  // What a row holds no more was removed after the commit.
  if (value !== null && model.fields[name]?.spec.use.kind.isFile)
    return `the file that was in "${name}" is not kept.`
  const result = toStoredSchema(model).shape[name]?.safeParse(value)
  if (result?.success) return undefined
  if (value === null) return needsValue(name)
  return `the former value of "${name}" is not allowed any more. ${result?.error.issues[0]?.message ?? ''}`.trim()
}

function needsValue(name: string): string {
  return `"${name}" must have a value now, and there was none.`
}
