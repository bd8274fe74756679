import { z } from 'zod'
import { mostOrdered } from '#kit/db'
import { uuidSchema } from '#kit/model'

/** The body of a reorder: the place of each active row. Whether it is all of them, `reorder` of `#kit/db` says. */
export const itemOrdersBody = z
  .strictObject({
    item_orders: z
      .array(z.strictObject({ id: uuidSchema, display_order: z.int().min(1) }))
      .max(mostOrdered),
  })
  .meta({ id: 'ItemOrders' })
