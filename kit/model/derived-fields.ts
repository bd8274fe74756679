import type { Derivation, FieldMap, FieldSpec } from './field.ts'
import type { AnyModel } from './model.ts'

type Values = Readonly<Record<string, unknown>>
type DerivedFields = readonly (readonly [name: string, derivation: Derivation])[]

const none: Values = Object.freeze({})
const known = new WeakMap<AnyModel, DerivedFields>()

/** The values of the derived fields that follow from these values, a whole row or the changes to one. */
export function derivedFrom(model: AnyModel, values: Values): Values {
  const fields = known.get(model) ?? remember(model)
  if (fields.length === 0) return none
  const derived: Record<string, unknown> = {}
  for (const [name, { from, of }] of fields) {
    const value = values[from]
    if (value !== undefined) derived[name] = value === null ? null : of(value as string)
  }
  return derived
}

/** Whether any derived field follows from this one. */
export function isSource(model: AnyModel, field: string): boolean {
  return (known.get(model) ?? remember(model)).some(([, { from }]) => from === field)
}

/** The field whose value people know it by: the source of a derived one, else itself. */
export function sourceOf(model: AnyModel, field: string): string {
  return model.fields[field]?.spec.derived?.from ?? field
}

/** Whether a field's values are told to nobody. What is derived from one that is shown is no secret. */
export function isSecret(model: AnyModel, field: string): boolean {
  const spec: FieldSpec | undefined = model.fields[sourceOf(model, field)]?.spec
  return spec?.exposure === 'writeonly' || spec?.exposure === 'internal'
}

function remember(model: AnyModel): DerivedFields {
  const fields = Object.entries(model.fields).flatMap(([name, { spec }]) =>
    spec.derived ? [[name, spec.derived] as const] : [],
  )
  known.set(model, fields)
  return fields
}

export function derivedFaults(fields: FieldMap): string[] {
  return Object.entries(fields).flatMap(
    ([
      name,
      {
        spec: { derived },
      },
    ]) =>
      derived && !fields[derived.from]?.spec.use.kind.isText
        ? [`${name} is derived from "${derived.from}", which is no text field.`]
        : [],
  )
}
