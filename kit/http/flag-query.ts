import { z } from 'zod'

/** A query parameter that is `true` or `false`; false where it is left out. */
export function flagQuery(description: string): z.ZodType<boolean> {
  return z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .transform((value) => value ?? false)
    .meta({ type: 'boolean', enum: undefined, description })
}
