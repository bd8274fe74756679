import { z } from 'zod'
import { f, textSchema, uuidSchema } from '#kit/model'
import { countRule, nameRule } from './model.ts'
import { categories, methods, type Phase } from './phases.ts'
import type { Told } from './rules.ts'

const count = z.int().min(countRule.min).max(countRule.max)
const milk_type_id = uuidSchema
const date = f.date().spec.use.schema as z.ZodType<string, string>
// Before it no shop counted, and calendars of databases differ.
const session_date = date.refine((text) => text >= '1900-01-01', 'Must not be before 1900.')
const [bohCount, directDelivered] = methods

/** What the body of a phase says, of whichever phase. */
export interface PhaseBody {
  readonly told: readonly Told[]
  readonly isCorrection: boolean
}

/** The body of each phase, and the member in which its lines stand. */
export interface PhaseForm {
  readonly list: string
  readonly body: z.ZodType<PhaseBody>
}

/** More lines than a session can have, so that those too many are named one by one. */
const mostLines = 200

const correction = z
  .boolean()
  .default(false)
  .meta({ description: 'Replaces what was saved with other values.' })

type Line = { readonly milk_type_id: string }

function countsOf<L extends z.ZodType<Line>>(
  id: string,
  line: L,
  valuesOf: (line: z.output<L>) => Told['values'],
): PhaseForm {
  const body = z
    .strictObject({ counts: z.array(line).max(mostLines), correction })
    .meta({ id })
    .transform(({ counts, correction: isCorrection }) => ({
      told: toTold(counts, valuesOf),
      isCorrection,
    }))
  return { list: 'counts', body }
}

function toTold<L extends Line>(lines: readonly L[], valuesOf: (line: L) => Told['values']) {
  return lines.map((line) => ({ milk_type_id: line.milk_type_id, values: valuesOf(line) }))
}

const counted = z.strictObject({ milk_type_id, method: z.literal(bohCount), current_boh: count })
const delivered = z.strictObject({
  milk_type_id,
  method: z.literal(directDelivered),
  delivered: count,
})
const morning = z.discriminatedUnion('method', [counted, delivered])

function morningValues(line: z.output<typeof morning>): Told['values'] {
  return line.method === bohCount
    ? { morning_method: bohCount, current_boh: line.current_boh, delivered: null }
    : { morning_method: directDelivered, current_boh: null, delivered: line.delivered }
}

const onOrder = z.strictObject({ milk_type_id, on_order: count })

export const phaseForms: Readonly<Record<Phase, PhaseForm>> = {
  night_foh: countsOf(
    'MilkNightFoh',
    z.strictObject({ milk_type_id, foh_count: count }),
    ({ foh_count }) => ({ foh_count }),
  ),
  night_boh: countsOf(
    'MilkNightBoh',
    z.strictObject({ milk_type_id, boh_count: count }),
    ({ boh_count }) => ({ boh_count }),
  ),
  morning: countsOf('MilkMorning', morning, morningValues),
  on_order: {
    list: 'on_orders',
    body: z
      .strictObject({ on_orders: z.array(onOrder).max(mostLines) })
      .meta({ id: 'MilkOnOrder' })
      .transform(({ on_orders }) => ({
        told: toTold(on_orders, ({ on_order }) => ({ on_order })),
        isCorrection: false,
      })),
  },
}

export const startBody = z
  .strictObject({ session_date: session_date.optional() })
  .prefault({})
  .meta({ id: 'MilkStart' })

export const reopenBody = z
  .strictObject({
    par: z.enum(['keep', 'current']).default('keep').meta({
      description: 'Whether pars, names and order stay as the completion froze them.',
    }),
  })
  .prefault({})
  .meta({ id: 'MilkReopen' })

export const redateBody = z.strictObject({ session_date }).meta({ id: 'MilkRedate' })

const name = textSchema(nameRule)
const category = z.enum(categories)

export const typeBody = z
  .strictObject({ name, category, par_value: count.optional() })
  .meta({ id: 'MilkTypeInput' })

export const typePatch = z
  .strictObject({
    name: name.optional(),
    category: category.optional(),
    active: z.boolean().optional(),
    display_order: z
      .int()
      .min(1)
      .optional()
      .meta({ description: 'Where it goes; beyond the last, to the last.' }),
  })
  .refine((body) => Object.keys(body).length > 0, 'Must name at least one field.')
  .meta({ id: 'MilkTypePatch', minProperties: 1 })

export const parBody = z.strictObject({ par_value: count }).meta({ id: 'MilkPar' })
