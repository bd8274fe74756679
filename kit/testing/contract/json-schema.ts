import { z } from 'zod'

/** The part of JSON Schema that bodies are described with. */
export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly items?: JsonSchema
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly pattern?: string
  readonly format?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  /** The role that is needed to give it. */
  readonly 'x-writable-by'?: string
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, JsonSchema>>
}

/** What a body must look like, its references resolved. */
export function toBodySchema(schema: z.ZodType): JsonSchema {
  const described = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema
  return resolve(described, described.$defs ?? {})
}

function resolve(schema: JsonSchema, defs: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const name = schema.$ref?.split('/').at(-1)
  if (name !== undefined) return resolve(defs[name] ?? {}, defs)
  const each = (schemas: readonly JsonSchema[] | undefined) =>
    schemas?.map((inner) => resolve(inner, defs))
  const properties = Object.entries(schema.properties ?? {}).map(([key, inner]) => [
    key,
    resolve(inner, defs),
  ])
  return {
    ...schema,
    ...(schema.properties ? { properties: Object.fromEntries(properties) } : {}),
    ...(schema.items ? { items: resolve(schema.items, defs) } : {}),
    ...Object.fromEntries(
      (['anyOf', 'oneOf', 'allOf'] as const).flatMap((key) =>
        schema[key] ? [[key, each(schema[key])]] : [],
      ),
    ),
  }
}

/** The alternatives of a schema: itself, where it is no union. */
export function alternativesOf(schema: JsonSchema): readonly JsonSchema[] {
  const union = schema.anyOf ?? schema.oneOf
  return union ? union.flatMap(alternativesOf) : [schema]
}

/** The types that values may have; empty where any will do. */
export function typesOf(schema: JsonSchema): ReadonlySet<string> {
  const types = new Set<string>()
  for (const { type, enum: choices, const: only } of alternativesOf(schema)) {
    const values = choices ?? (only === undefined ? [] : [only])
    const named = type === undefined ? values.map(typeOf) : [type].flat()
    if (named.length === 0) return new Set()
    for (const name of named) types.add(name)
  }
  return types
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}
