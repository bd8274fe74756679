import type { AnyField, AnyModel, Exposure, KindUse } from '#kit/model'
import { labelOf } from '../label-of.ts'
import type { FieldMeta } from './meta-schema.ts'

/** Where the rows of a model are listed for admins; undefined where they are not. */
export type PathOf = (model: AnyModel) => string | undefined

/** A field of a model, or one that is worked out, as a console draws it. */
export function fieldMeta(model: AnyModel, name: string, pathOf: PathOf): FieldMeta | undefined {
  const computed = model.computed[name]?.field
  const field = model.fields[name] ?? computed
  if (!field) return undefined
  return describe(name, field, { exposure: computed ? 'readonly' : field.spec.exposure, pathOf })
}

interface Shown {
  readonly exposure: Exposure
  readonly pathOf: PathOf
}

function describe(name: string, { spec }: AnyField, { exposure, pathOf }: Shown): FieldMeta {
  const { use } = spec
  return {
    field: name,
    label: labelOf(name.replace(/^is_(?=.)|(?<=.)_id$/g, '')),
    kind: use.kind.name,
    widget: exposure === 'writeonly' && use.kind.isText ? 'password' : use.kind.widget,
    optional: spec.isOptional,
    exposure,
    writable_by: spec.writableBy ?? null,
    choices: (use.options['values'] as string[] | undefined) ?? null,
    limits: {
      min: numberIn(use, 'min'),
      max: numberIn(use, 'max'),
      pattern: (use.options['pattern'] as string | undefined) ?? null,
    },
    reference: referenceOf(use, pathOf),
  }
}

function numberIn({ options }: KindUse, name: 'min' | 'max'): number | null {
  const value = options[name]
  return typeof value === 'number' ? value : null
}

function referenceOf({ references }: KindUse, pathOf: PathOf): FieldMeta['reference'] {
  const target = references?.model()
  if (!target) return null
  return { model: target.name, title: titleFieldOf(target), path: pathOf(target) ?? null }
}

/** The field that names a row: the first text that all may see. */
export function titleFieldOf(model: AnyModel): string {
  const named = Object.entries(model.fields).find(
    ([, { spec }]) => spec.use.kind.isText && spec.exposure === 'public',
  )
  return named?.[0] ?? 'id'
}
