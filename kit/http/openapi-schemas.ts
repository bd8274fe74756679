import { z } from 'zod'
import { shownAs } from './shown-as.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

/** Turns schemas into JSON Schema; those with an id stand in `components` and are referred to. */
export interface SchemaBook {
  readonly components: Record<string, unknown>
  /** As it is written by the caller (`input`) or answered (`output`). */
  readonly toSchema: (schema: z.ZodType, io: 'input' | 'output') => JsonSchema
}

interface Converted {
  readonly properties?: Readonly<Record<string, unknown>>
  readonly $defs?: Readonly<Record<string, unknown>>
}

export function createSchemaBook(): SchemaBook {
  const components: Record<string, unknown> = {}
  return {
    components,
    toSchema: (schema, io) => {
      // Within another schema one with an id becomes a reference; by itself it would stand there whole.
      const { properties, $defs } = convert(z.object({ it: schema }), io)
      for (const [name, definition] of Object.entries($defs ?? {})) {
        const { id: _, ...rest } = definition as Readonly<Record<string, unknown>>
        components[name] = rest
      }
      return (properties?.['it'] ?? {}) as JsonSchema
    },
  }
}

function convert(schema: z.ZodType, io: 'input' | 'output'): Converted {
  const converted = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const other = shownAs(zodSchema)
      if (!other) return
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key]
      const { $schema: _, ...shown } = z.toJSONSchema(other, { io, unrepresentable: 'any' })
      Object.assign(jsonSchema, shown)
    },
  })
  return JSON.parse(JSON.stringify(converted).replaceAll('"#/$defs/', '"#/components/schemas/'))
}
