import { z } from 'zod'

const place = z
  .object({ method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']), path: z.string() })
  .meta({ id: 'AdminPlace', description: 'In the path `:id` stands for the row’s id.' })

const field = z
  .object({
    field: z.string().meta({ description: 'The key in JSON.' }),
    label: z.string(),
    kind: z.string(),
    widget: z.string().meta({ description: 'The control to draw.' }),
    optional: z.boolean().meta({ description: 'May be null.' }),
    exposure: z.enum(['public', 'readonly', 'writeonly', 'internal']),
    writable_by: z.enum(['staff', 'admin']).nullable().meta({
      description: 'From which role on it is accepted, where that is not all who may write.',
    }),
    choices: z.array(z.string()).nullable(),
    limits: z
      .object({
        min: z.number().nullable(),
        max: z.number().nullable(),
        pattern: z.string().nullable(),
      })
      .meta({ description: 'Of a number; of a text, its code points.' }),
    reference: z
      .object({
        model: z.string(),
        title: z.string().meta({ description: 'The field that names one of its rows.' }),
        path: z.string().nullable().meta({ description: 'Where its rows are, if anywhere.' }),
      })
      .nullable(),
  })
  .meta({ id: 'AdminField' })

const formField = field
  .extend({ required: z.boolean(), default: z.unknown() })
  .meta({ id: 'AdminFormField' })

const filter = field
  .extend({
    operators: z.array(z.string()).meta({
      description: 'As query parameters: `field=…` for `eq`, `field[gte]=…` for the others.',
    }),
  })
  .meta({ id: 'AdminFilter' })

const action = z
  .object({
    name: z.string(),
    label: z.string(),
    confirm: z.string().nullable().meta({ description: 'What to ask before it is done.' }),
    danger: z.boolean(),
    one: place,
    many: place.nullable().meta({ description: 'Takes `{ ids }`.' }),
  })
  .meta({ id: 'AdminAction' })

export const operationNames = [
  'list',
  'create',
  'get',
  'change',
  'remove',
  'restore',
  'toggle',
  'bulk_delete',
  'import',
] as const

const operations = z
  .object(Object.fromEntries(operationNames.map((name) => [name, place.nullable()])))
  .meta({ description: 'What the caller may do; null where there is no such thing.' })

const model = z
  .object({
    model: z.string(),
    plural: z.string(),
    label: z.string(),
    tool: z.string(),
    path: z.string(),
    title: z.string().meta({ description: 'The field that names a row.' }),
    soft_delete: z.boolean(),
    toggle: z.string().nullable().meta({ description: 'The field that toggling flips.' }),
    wrapped_in: z.string().nullable().meta({ description: 'The member that holds a single row.' }),
    listed_in: z
      .string()
      .nullable()
      .meta({ description: 'The member that holds the rows of a list.' }),
    columns: z.array(field),
    filters: z.array(filter),
    search: z.boolean().meta({ description: 'Whether lists take `q`.' }),
    sorts: z.array(z.string()).meta({ description: 'As `sort` takes them, `-` for descending.' }),
    csv: z.boolean().meta({ description: 'Whether lists take `format=csv`.' }),
    operations,
    actions: z.array(action),
    forms: z.object({
      create: z.array(formField).nullable(),
      change: z.array(formField).nullable(),
    }),
  })
  .meta({ id: 'AdminModel' })

/** All that a console needs to draw itself. */
export const adminMeta = z
  .object({
    models: z.array(model),
    pages: z.object({ stats: z.string(), activity: z.string(), recent: z.string() }),
  })
  .meta({ id: 'AdminMeta' })

export type AdminMeta = z.output<typeof adminMeta>
export type ModelMeta = z.output<typeof model>
export type FieldMeta = z.output<typeof field>
export type FormFieldMeta = z.output<typeof formField>
export type PlaceMeta = z.output<typeof place>
