import type { AnyModel } from './model.ts'

/** A field that holds a person's id, and the member of answers that says what he is called. */
export type NamedField = readonly [field: string, name: string]

const known = new WeakMap<AnyModel, readonly NamedField[]>()

/** The fields of a model beside which answers name people. */
export function namedFieldsOf(model: AnyModel): readonly NamedField[] {
  const found = known.get(model)
  if (found) return found
  const fields = Object.entries(model.fields)
    .filter(([, { spec }]) => spec.isNamed)
    .map(([name]) => [name, nameMemberOf(name)] as const)
  known.set(model, fields)
  return fields
}

/** `user_id` → `user_name`, `added_by` → `added_by_name`. */
export function nameMemberOf(field: string): string {
  return `${field.replace(/_id$/, '')}_name`
}
