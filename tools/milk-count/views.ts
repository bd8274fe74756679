import { z } from 'zod'
import { csvOf, objectOf, orNull, printOf, type Result } from '#kit/http'
import { instantSchema, toRowSchema, uuidSchema } from '#kit/model'
import { MilkEntry, MilkSession } from './model.ts'
import { categories, methods } from './phases.ts'
import { toSummaryPage } from './print.ts'
import type { SummaryLine, TypeRow } from './summary.ts'

const category = z.enum(categories)
const quantity = z.int().min(0)
const known = quantity.nullable().meta({ description: 'Null: it rests on what is not saved yet.' })

export const oneSession = objectOf({ session: MilkSession }, { entity: 'session' })

export const currentSession = objectOf({
  session: orNull(MilkSession),
  last_completed: z
    .object({ id: uuidSchema, session_date: z.string(), completed_at: instantSchema.nullable() })
    .nullable(),
})

const entry = (toRowSchema(MilkEntry) as z.ZodType as z.ZodPipe<z.ZodType, z.ZodObject>).out
  .extend({ milk_type_name: z.string(), milk_type_category: category })
  .meta({ id: 'MilkEntryNamed' })

export const wholeSession = objectOf(
  { session: MilkSession, entries: z.array(entry) },
  { entity: 'session' },
)

const line = z
  .object({
    milk_type_id: uuidSchema,
    milk_type: z.string(),
    category,
    foh: known,
    boh: known,
    method: z.enum(methods).nullable(),
    current_boh: known,
    delivered: known,
    on_order: known,
    total: known.meta({ description: 'What is in the house.' }),
    par: quantity,
    order: known,
  })
  .meta({ id: 'MilkSummaryLine' })

const totals = z
  .object({
    total_foh: known,
    total_boh: known,
    total_delivered: known,
    total_on_order: known,
    total_inventory: known,
    total_par: quantity,
    total_order: known,
  })
  .meta({ id: 'MilkTotals' })

export interface ShownSummary {
  readonly session: Readonly<Record<string, string | null>>
  readonly summary: readonly SummaryLine[]
  readonly totals: z.output<typeof totals>
}

/** The last line of the file. */
function closing({ totals: all }: ShownSummary) {
  return {
    milk_type: 'Total',
    category: null,
    foh: all.total_foh,
    boh: all.total_boh,
    method: null,
    current_boh: null,
    delivered: all.total_delivered,
    on_order: all.total_on_order,
    total: all.total_inventory,
    par: all.total_par,
    order: all.total_order,
  }
}

type CsvLine = ReturnType<typeof closing> | SummaryLine

export const summary = csvOf(
  printOf(objectOf({ session: MilkSession, summary: z.array(line), totals }), toSummaryPage),
  {
    name: 'milk-summary',
    rows: (shown: ShownSummary): readonly CsvLine[] => shown.summary,
    closing,
    columns: [
      'milk_type',
      'category',
      'foh',
      'boh',
      'method',
      'current_boh',
      'delivered',
      'on_order',
      'total',
      'par',
      'order',
    ],
  },
)

const parLevel = z
  .object({
    milk_type_id: uuidSchema,
    milk_type_name: z.string(),
    milk_type_category: category,
    par_value: quantity,
    updated_at: instantSchema.nullable(),
    updated_by: uuidSchema.nullable(),
    updated_by_name: z.string().nullable(),
  })
  .meta({ id: 'MilkParLevel' })

function toParLevel(type: TypeRow) {
  return {
    milk_type_id: type.id,
    milk_type_name: type.name,
    milk_type_category: type.category,
    par_value: type.par_value,
    updated_at: type.par_updated_at,
    updated_by: type.par_updated_by,
    updated_by_name: null,
  }
}

type Shown = Record<string, unknown>

const byName = { fields: [['updated_by', 'updated_by_name']] } as const
const plain = { model: undefined, hasEntityTag: false, isPage: false } as const

export const onePar: Result<TypeRow> = Object.freeze({
  ...plain,
  schema: parLevel,
  encode: toParLevel,
  people: [{ ...byName, rowsOf: (shown: unknown) => [shown as Shown] }],
})

export const allPars: Result<readonly TypeRow[]> = Object.freeze({
  ...plain,
  schema: z.array(parLevel),
  encode: (types: readonly TypeRow[]) => types.map(toParLevel),
  people: [{ ...byName, rowsOf: (shown: unknown) => shown as readonly Shown[] }],
})
