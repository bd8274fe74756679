import { z } from 'zod'
import type { Field, FieldSpec } from './field.ts'
import type { AnyModel, Input, Patch, Row } from './model.ts'
import { namedFieldsOf } from './named-fields.ts'
import { whoMaySet } from './writable-by.ts'

type Shape = Record<string, z.ZodType>

const known = new WeakMap<object, AnyModel>()

/**
 * Whether this very object came out of the model's own input or patch schema. Such objects are
 * frozen, so that what was checked once need not be checked again.
 */
export function isChecked(model: AnyModel, value: object): boolean {
  return known.get(value) === model
}

const bodies = new WeakMap<z.ZodType, AnyModel>()

/** The model whose input or patch schema this is. */
export function modelOfBody(schema: z.ZodType): AnyModel | undefined {
  return bodies.get(schema)
}

/** The schema of a body that creates a row: public and writeonly fields, nothing else. */
export const toInputSchema = memoize((model) => {
  const shape = shapeOf(model, isAccepted, toInputFieldSchema)
  const schema = remember(model, z.strictObject(shape)).meta({ id: `${titleOf(model)}Input` })
  bodies.set(schema, model)
  return schema
}) as <M extends AnyModel>(model: M) => z.ZodType<Input<M>>

/** The schema of a field's value where a row is created: its default where it is left out. */
export function toInputFieldSchema({ spec }: Field): z.ZodType {
  const schema = nullableOf(spec)
  if (!spec.hasDefault && !spec.isOptional) return restricted(spec, schema)
  const value = spec.hasDefault ? spec.defaultValue : null
  // Where not everyone may set it, it must be seen whether it was given: the repository takes the default.
  return spec.writableBy === undefined
    ? schema.default(value)
    : restricted(spec, schema.optional()).meta({ default: value })
}

/** The schema of a field's value where a row is changed: it may be left out. */
export function toPatchFieldSchema({ spec }: Field): z.ZodType {
  return restricted(spec, nullableOf(spec).optional())
}

/** The schema of a body that changes a row: any of the public and writeonly fields, at least one. */
export const toPatchSchema = memoize((model) => {
  const shape = shapeOf(model, isAccepted, toPatchFieldSchema)
  const schema = z
    .strictObject(shape)
    .refine((value) => Object.keys(value).length > 0, 'Must name at least one field.')
  const patch = remember(model, schema).meta({ id: `${titleOf(model)}Patch`, minProperties: 1 })
  bodies.set(patch, model)
  return patch
}) as <M extends AnyModel>(model: M) => z.ZodType<Patch<M>>

/** The schema of every stored field, for what server code writes. */
export const toStoredSchema = memoize((model) =>
  z.strictObject(
    shapeOf(
      model,
      () => true,
      ({ spec }) => nullableOf(spec),
    ),
  ),
) as (model: AnyModel) => z.ZodObject<Shape>

/**
 * The schema of a row as it is answered. Takes a stored row, with the names of people where fields are `named`, and
 * keeps what may be shown of it.
 */
export const toRowSchema = memoize((model) => {
  const shape = shapeOf(model, isShown, ({ spec }) => nullableOf(spec))
  for (const [name, { field }] of Object.entries(model.computed))
    shape[name] = field.spec.use.schema
  const named = namedFieldsOf(model)
  for (const [, name] of named) shape[name] = z.string().nullable()
  const wire = z.object(shape).meta({ id: titleOf(model) })
  const show = toWire(model)
  const showNamed = (row: StoredRow) =>
    Object.assign(show(row), Object.fromEntries(named.map(([, name]) => [name, row[name]])))
  const showWhole = named.length === 0 ? show : showNamed
  return z.transform((row: unknown) => (isObject(row) ? showWhole(row) : row)).pipe(wire)
}) as <M extends AnyModel>(model: M) => z.ZodType<Record<string, unknown>, Row<M>>

/** Turns a stored row into what is answered: its public and readonly fields and the computed ones. */
export const toWire = memoize((model) => {
  const names = Object.keys(model.fields).filter((name) => isShown(model.fields[name]))
  const show = compileShow(names)
  const computed = Object.entries(model.computed)
  if (computed.length === 0) return show
  return (row: StoredRow) => {
    const shown = show(row)
    for (const [name, { of }] of computed) shown[name] = of(row)
    return shown
  }
}) as (model: AnyModel) => (row: StoredRow) => Record<string, unknown>

type StoredRow = Readonly<Record<string, unknown>>

/**
 * Compiled to an object literal, since every row of every answer goes through it. The names are identifiers
 * (`defineModel` sees to it).
 */
function compileShow(names: readonly string[]): (row: StoredRow) => Record<string, unknown> {
  const members = names.map((name) => `${name}: row.${name}`).join(', ')
  return new Function('row', `return { ${members} }`) as (row: StoredRow) => Record<string, unknown>
}

/** `task` → `Task`, `milk_type` → `MilkType`: the name in API documents. */
export function titleOf(model: AnyModel): string {
  return model.name.replace(/(^|_)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase())
}

function nullableOf({ isOptional, use }: FieldSpec): z.ZodType {
  return isOptional ? use.schema.nullable() : use.schema
}

/** Tells in documents who may set it. */
function restricted({ writableBy }: FieldSpec, schema: z.ZodType): z.ZodType {
  return writableBy === undefined
    ? schema
    : schema.meta({ description: whoMaySet(writableBy), 'x-writable-by': writableBy })
}

function isAccepted(field: Field | undefined): boolean {
  return field?.spec.exposure === 'public' || field?.spec.exposure === 'writeonly'
}

function isShown(field: Field | undefined): boolean {
  return field?.spec.exposure === 'public' || field?.spec.exposure === 'readonly'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function shapeOf(
  model: AnyModel,
  filter: (field: Field | undefined) => boolean,
  toSchema: (field: Field) => z.ZodType,
): Shape {
  return Object.fromEntries(
    Object.entries(model.fields)
      .filter(([, field]) => filter(field))
      .map(([name, field]) => [name, toSchema(field)]),
  )
}

function remember<S extends z.ZodType>(model: AnyModel, schema: S): z.ZodType {
  return schema.overwrite((value) => {
    if (!isObject(value)) return value
    known.set(value, model)
    return Object.freeze(value) as typeof value
  })
}

function memoize<T>(make: (model: AnyModel) => T): (model: AnyModel) => T {
  const made = new WeakMap<AnyModel, T>()
  return (model) => {
    const before = made.get(model)
    if (before !== undefined) return before
    const value = make(model)
    made.set(model, value)
    return value
  }
}
