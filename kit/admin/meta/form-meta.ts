import { z } from 'zod'
import { type AnyModel, fieldKinds } from '#kit/model'
import { labelOf } from '../label-of.ts'
import { fieldMeta, type PathOf } from './field-meta.ts'
import type { FieldMeta, FormFieldMeta } from './meta-schema.ts'

/** What a form is derived from: the body of the route that takes it. */
interface BodySchema {
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, PropertySchema>>
  readonly required?: readonly string[]
}

interface PropertySchema {
  readonly type?: string
  readonly format?: string
  readonly enum?: readonly string[]
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly pattern?: string
  readonly writeOnly?: boolean
  readonly default?: unknown
  readonly anyOf?: readonly PropertySchema[]
}

/** The fields of the form that sends this body. Those of the model are drawn as it says, others by their schema. */
export function formMeta(model: AnyModel, body: z.ZodType, pathOf: PathOf): FormFieldMeta[] {
  const schema = toBodySchema(body)
  return Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const required = schema.required?.includes(name) ?? false
    const own = fieldMeta(model, name, pathOf) ?? foreignField(name, property)
    // Whatever others may: whom the form is for may set it.
    const exposure = own.exposure === 'readonly' ? 'public' : own.exposure
    return { ...own, exposure, required, default: property.default ?? null }
  })
}

function toBodySchema(body: z.ZodType): BodySchema {
  // Within another schema one with a name of its own becomes a reference; by itself it may, too.
  const whole = z.toJSONSchema(z.object({ body }), { io: 'input', unrepresentable: 'any' })
  const { $ref, ...inline } = (whole.properties?.['body'] ?? {}) as BodySchema
  const named = $ref === undefined ? inline : whole.$defs?.[$ref.split('/').at(-1) ?? '']
  return (named ?? inline) as BodySchema
}

/** A field of the body that is none of the model: a password, where the model has its hash. */
function foreignField(name: string, property: PropertySchema): FieldMeta {
  const alternatives = property.anyOf ?? [property]
  const given = alternatives.find(({ type }) => type !== 'null') ?? property
  const isSecret = property.writeOnly ?? given.writeOnly ?? false
  const kind = kindOf(given)
  return {
    field: name,
    label: labelOf(name),
    kind,
    widget: isSecret ? 'password' : (fieldKinds[kind]?.widget ?? 'text'),
    optional: alternatives.length > 1,
    exposure: isSecret ? 'writeonly' : 'public',
    writable_by: null,
    choices: given.enum ? [...given.enum] : null,
    limits: {
      min: given.minimum ?? given.minLength ?? null,
      max: given.maximum ?? given.maxLength ?? null,
      pattern: given.pattern ?? null,
    },
    reference: null,
  }
}

const kindOfFormat: Readonly<Record<string, string>> = {
  'date-time': 'instant',
  date: 'date',
  uuid: 'uuid',
}

const kindOfType: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'integer',
  number: 'number',
  boolean: 'boolean',
}

function kindOf({ type, format, enum: choices }: PropertySchema): string {
  if (choices) return 'choice'
  return kindOfFormat[format ?? ''] ?? kindOfType[type ?? ''] ?? 'json'
}
