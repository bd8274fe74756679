import { z } from 'zod'
import { csvOf, objectOf, type Result } from '#kit/http'
import { instantSchema, uuidSchema } from '#kit/model'
import { RtdeSession } from './model.ts'
import type { SessionItem, SessionRow } from './rules.ts'

const quantity = z.int().min(0)

export const sessionItem = z
  .object({
    item_id: uuidSchema,
    name: z.string(),
    brand: z.string().nullable(),
    image_filename: z.string().nullable(),
    icon: z.string().nullable(),
    par_level: quantity,
    display_order: z.int().min(1),
    counted_quantity: quantity.nullable().meta({ description: 'Null: uncounted. 0: empty.' }),
    need_quantity: quantity.nullable(),
    is_pulled: z.boolean(),
  })
  .meta({ id: 'SessionItem' })

export const wholeSession = objectOf({ session: RtdeSession, items: z.array(sessionItem) })
export const completedSession = objectOf({ message: z.string(), session: RtdeSession })

export const activeSession = z.object({
  session: z
    .object({
      id: uuidSchema,
      started_at: instantSchema,
      expires_at: instantSchema,
      items_counted: quantity,
      total_items: quantity,
    })
    .nullable(),
})

export const lastCompleted = z.object({
  last_completed_at: instantSchema.nullable(),
  user_name: z.string().nullable(),
})

export const touchedItem = z.object({ item: sessionItem, expires_at: instantSchema })

export interface Started {
  readonly session: SessionRow
  readonly isNew: boolean
}

/** 201 for a new session, 200 for one that goes on. */
export const startedSession: Result<Started> = Object.freeze({
  schema: z.object({
    session_id: uuidSchema,
    started_at: instantSchema,
    expires_at: instantSchema,
  }),
  model: undefined,
  hasEntityTag: false,
  isPage: false,
  encode: ({ session: { id, started_at, expires_at } }: Started) => ({
    session_id: id,
    started_at,
    expires_at,
  }),
  status: { others: [200] as const, of: ({ isNew }: Started) => (isNew ? 201 : 200) },
})

const list = z.object({
  pull_list: z.array(sessionItem),
  total_items: quantity,
  total_units: quantity,
  items_pulled: quantity,
  uncounted: quantity,
})

export const pullList = csvOf(list, {
  name: 'pull-list',
  rows: ({ pull_list }: z.output<typeof list>): readonly SessionItem[] => pull_list,
  columns: [
    'display_order',
    'name',
    'brand',
    { name: 'counted', of: ({ counted_quantity }) => counted_quantity },
    { name: 'par', of: ({ par_level }) => par_level },
    { name: 'need', of: ({ need_quantity }) => need_quantity },
    { name: 'pulled', of: ({ is_pulled }) => is_pulled },
  ],
})
