import { z } from 'zod'
import {
  type AnyModel,
  type FieldsOf,
  type IdOf,
  integerFromText,
  type KindUse,
  type ListOptions,
  type Operator,
  type Sort,
  textSchema,
  type Where,
} from '#kit/model'
import { showAs } from './shown-as.ts'
import type { ParamSchemas } from './types.ts'

type FieldName<M extends AnyModel> = keyof FieldsOf<M> & string

export interface ListQueryOptions<M extends AnyModel> {
  /** Fields to filter by; their kinds say how: `completed=true`, `created_at[gte]=…`. */
  readonly filters?: readonly FieldName<M>[]
  /** Text fields that `?q=` looks in. Without any there is no `q`. */
  readonly search?: readonly FieldName<M>[]
  /** Fields to sort by, each in both directions. Without any there is no `sort`. */
  readonly sort?: readonly FieldName<M>[]
}

export interface ListQuery<M extends AnyModel> {
  /** For the route's `query`. */
  readonly query: ParamSchemas
  /** What the repository's `list` takes, from the parsed query. */
  readonly toOptions: (query: Readonly<Record<string, unknown>>) => ListOptions<M>
}

interface Filter {
  /** The query parameter: `created_at[gte]`. */
  readonly parameter: string
  readonly field: string
  readonly operator: Operator
  readonly schema: z.ZodType
}

const mostInList = 100

/** The query parameters of a model's list: page, count, and the filters, search and sorts declared. */
export function listQuery<M extends AnyModel>(
  model: M,
  options: ListQueryOptions<M> = {},
): ListQuery<M> {
  const filters = (options.filters ?? []).flatMap((name) => filtersOf(model, name))
  const { search, sort } = options
  const query: Record<string, z.ZodType> = { limit: limitSchema, cursor: z.string().optional() }
  query['count'] = flagSchema
  if (sort?.length) query['sort'] = sortSchema(sort)
  if (search?.length) query['q'] = textSchema({ max: 200 }).optional()
  for (const { parameter, schema } of filters) query[parameter] = optional(schema)
  return Object.freeze({
    query: Object.freeze(query),
    toOptions: (values: Readonly<Record<string, unknown>>) => ({
      where: toWhere<M>(filters, values),
      search: (values['q'] as string | undefined) || undefined,
      searchIn: search,
      sort: values['sort'] as Sort<M> | undefined,
      limit: values['limit'] as number | undefined,
      cursor: values['cursor'] as string | undefined,
      count: values['count'] as boolean | undefined,
    }),
  })
}

/** The id of a model's row as a path parameter: text that can be no id is `not_found`. */
export function idParam<M extends AnyModel>(model: M): z.ZodType<IdOf<M>, string> {
  const use = useOf(model, 'id')
  const read = (text: string) => use.kind.fromText(text)
  return fromText(use, read) as z.ZodType<IdOf<M>, string>
}

type ReadText = (text: string) => unknown

const directReaders = new WeakMap<object, ReadText>()

/**
 * The reader behind a schema of a parameter, undefined for what does not fit: only what is wrong with that needs the
 * schema around it.
 */
export function directReaderOf(schema: z.ZodType): ReadText | undefined {
  return directReaders.get(schema)
}

function readBy<S extends z.ZodType>(read: ReadText, schema: S): S {
  directReaders.set(schema, read)
  return schema
}

function optional<S extends z.ZodType>(schema: S): z.ZodOptional<S> {
  const read = directReaders.get(schema)
  return read ? readBy(read, schema.optional()) : schema.optional()
}

function filtersOf(model: AnyModel, field: string): Filter[] {
  const use = useOf(model, field)
  return use.kind.operators.map((operator) => ({
    parameter: operator === 'eq' ? field : `${field}[${operator}]`,
    field,
    operator,
    schema: operator === 'in' ? manyOf(use) : oneOf(use, operator),
  }))
}

function oneOf(use: KindUse, operator: Operator): z.ZodType {
  return fromText(use, (text) => readValue(use, operator, text))
}

function manyOf(use: KindUse): z.ZodType {
  return z
    .string()
    .transform((text, context) => {
      const parts = text.split(',')
      const values = parts.map((part) => readValue(use, 'in', part))
      if (parts.length <= mostInList && !values.includes(undefined)) return values
      const message = `Must be at most ${mostInList} values (${use.kind.name}), separated by commas.`
      context.addIssue({ code: 'custom', message })
      return z.NEVER
    })
    .meta({ description: `Any of these values (${use.kind.name}), separated by commas.` })
}

/** A bound of a range may lie outside the field's limits; a value to be equal to may not. */
function readValue(use: KindUse, operator: Operator, text: string): unknown {
  const value = use.kind.fromText(text)
  const isBound = operator !== 'eq' && operator !== 'ne' && operator !== 'in'
  if (value === undefined || isBound) return value
  const parsed = use.schema.safeParse(value)
  return parsed.success ? parsed.data : undefined
}

function fromText(use: KindUse, read: (text: string) => unknown): z.ZodType {
  const schema = z.string().transform((text, context) => {
    const value = read(text)
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', message: `Must be a value of this kind: ${describe(use)}.` })
    return z.NEVER
  })
  return readBy(read, showAs(schema, use.schema))
}

function describe({ kind, options }: KindUse): string {
  const values = options['values']
  return Array.isArray(values) ? values.join(', ') : kind.name
}

function useOf(model: AnyModel, name: string): KindUse {
  const field = model.fields[name]
  if (!field) throw new TypeError(`Model ${model.name} has no field "${name}".`)
  return field.spec.use
}

function toWhere<M extends AnyModel>(
  filters: readonly Filter[],
  values: Readonly<Record<string, unknown>>,
): Where<M> | undefined {
  let where: Record<string, Record<string, unknown>> | undefined
  for (const { parameter, field, operator } of filters) {
    const value = values[parameter]
    if (value === undefined) continue
    where ??= {}
    where[field] = { ...where[field], [operator]: value }
  }
  return where as Where<M> | undefined
}

function sortSchema(fields: readonly string[]): z.ZodType {
  return z.enum(fields.flatMap((name) => [name, `-${name}`])).optional()
}

const readFlag = (text: string) => (text === 'true' ? true : text === 'false' ? false : undefined)

const flagSchema = optional(
  readBy(
    readFlag,
    z
      .enum(['true', 'false'])
      .transform((text) => text === 'true')
      .meta({ type: 'boolean', enum: undefined }),
  ),
)

const readLimit = (text: string) => {
  const value = integerFromText(text)
  return value !== undefined && value >= 1 && value <= 100 ? value : undefined
}

const limitSchema = optional(
  readBy(
    readLimit,
    z
      .string()
      .transform((text, context) => {
        const value = readLimit(text)
        if (value !== undefined) return value
        context.addIssue({ code: 'custom', message: 'Must be a whole number from 1 to 100.' })
        return z.NEVER
      })
      .meta({ type: 'integer', minimum: 1, maximum: 100, description: 'Default: 50.' }),
  ),
)
