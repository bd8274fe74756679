import type { FieldMap } from './field.ts'
import type { AnyModel } from './model.ts'

/** What an answer shows of a row, in its order: public and readonly fields, then computed ones. */
export function shownFieldsOf(model: AnyModel): FieldMap {
  const stored = Object.entries(model.fields).filter(
    ([, { spec }]) => spec.exposure === 'public' || spec.exposure === 'readonly',
  )
  const computed = Object.entries(model.computed).map(([name, { field }]) => [name, field] as const)
  return Object.fromEntries([...stored, ...computed])
}
