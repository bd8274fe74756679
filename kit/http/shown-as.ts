import type { z } from 'zod'

const others = new WeakMap<object, z.ZodType>()

/** Has a schema that reads text documented as the one of the value it reads. */
export function showAs<S extends z.ZodType>(schema: S, other: z.ZodType): S {
  others.set(schema, other)
  return schema
}

/** The schema that stands for this one in documents, if another does. */
export function shownAs(schema: object): z.ZodType | undefined {
  return others.get(schema)
}
