import { z } from 'zod'
import {
  type AnyField,
  type AnyModel,
  titleOf,
  toInputFieldSchema,
  toInputSchema,
  toPatchFieldSchema,
  toPatchSchema,
} from '#kit/model'
import type { AdminPlan } from './define-admin.ts'

/** What an admin sends to create a row: the fields of the form, else what anyone may set and the owner. */
export function createBodyOf({ model, form }: AdminPlan): z.ZodType {
  const owner = model.owner === undefined || model.owner === 'id' ? [] : [model.owner]
  const names = form ?? [...new Set([...acceptedFields(model), ...owner])]
  if (isUsual(model, names)) return toInputSchema(model)
  const body = z.strictObject(shapeOf(model, names, toInputFieldSchema))
  return body.meta({ id: `${titleOf(model)}AdminInput` })
}

/** What an admin sends to change a row: at least one of the fields of the form. */
export function changeBodyOf({ model, form }: AdminPlan): z.ZodType {
  const names = form ?? acceptedFields(model)
  if (isUsual(model, names)) return toPatchSchema(model)
  const body = z
    .strictObject(shapeOf(model, names, toPatchFieldSchema))
    .refine((value) => Object.keys(value).length > 0, 'Must name at least one field.')
  return body.meta({ id: `${titleOf(model)}AdminPatch`, minProperties: 1 })
}

const mostIds = 1000

/** The rows that a bulk action is meant for. An id named twice counts once. */
export function idsBodyOf(model: AnyModel): z.ZodType<{ readonly ids: readonly Id[] }> {
  const id = (model.fields['id']?.spec.use.schema ?? z.never()) as z.ZodType<Id>
  return z.strictObject({
    ids: z
      .array(id)
      .min(1)
      .max(mostIds)
      .transform((ids) => [...new Set(ids)]),
  })
}

export type Id = string | number

function acceptedFields(model: AnyModel): string[] {
  return Object.entries(model.fields)
    .filter(([, { spec }]) => spec.exposure === 'public' || spec.exposure === 'writeonly')
    .map(([name]) => name)
}

function isUsual(model: AnyModel, names: readonly string[]): boolean {
  const accepted = acceptedFields(model)
  return accepted.length === names.length && accepted.every((name) => names.includes(name))
}

function shapeOf(
  model: AnyModel,
  names: readonly string[],
  toSchema: (field: AnyField) => z.ZodType,
): Record<string, z.ZodType> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const field = model.fields[name]
      return field ? [[name, toSchema(field)]] : []
    }),
  )
}
