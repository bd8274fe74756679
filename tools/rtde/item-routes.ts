import { z } from 'zod'
import { closeUp, lastPlace, listOrdered, listWithInactive, reorder } from '#kit/db'
import { createdOf, defineRoute, flagQuery, idParam, itemOrdersBody, pageOf } from '#kit/http'
import { textSchema, toRowSchema } from '#kit/model'
import { brandRule, iconRule, imageRule, nameRule, parRule } from './limits.ts'
import { RtdeCount, RtdeItem } from './model.ts'

const path = '/api/rtde/admin/items'
const params = { id: idParam(RtdeItem) }

const name = textSchema(nameRule)
const par_level = z.int().min(parRule.min).max(parRule.max)
const optional = {
  brand: clearable(brandRule),
  icon: clearable(iconRule),
  image_filename: clearable(imageRule),
  active: z.boolean().optional(),
}

/** Null and blank are none. */
function clearable(rule: Parameters<typeof textSchema>[0]) {
  return textSchema(rule)
    .nullable()
    .transform((text) => text || null)
    .optional()
}

const createBody = z.strictObject({ name, par_level, ...optional }).meta({ id: 'RtdeItemInput' })

const changeBody = z
  .strictObject({ name: name.optional(), par_level: par_level.optional(), ...optional })
  .refine((body) => Object.keys(body).length > 0, 'Must name at least one field.')
  .meta({ id: 'RtdeItemPatch', minProperties: 1 })

const listRoute = defineRoute({
  name: 'admin.rtde_item.list',
  summary: 'List the items of the display in their order',
  access: 'admin',
  method: 'GET',
  path,
  query: { include_inactive: flagQuery('Adds inactive items behind the active ones.') },
  result: pageOf(RtdeItem),
  handle: async ({ db, query }) => {
    const items = db(RtdeItem)
    const rows = await (query.include_inactive ? listWithInactive(items) : listOrdered(items))
    return { rows, next: undefined, total: undefined }
  },
})

const createItemRoute = defineRoute({
  name: 'admin.rtde_item.create',
  summary: 'Add an item, as the last',
  access: 'admin',
  method: 'POST',
  path,
  body: createBody,
  result: createdOf(RtdeItem),
  status: 201,
  problems: ['conflict'],
  handle: async ({ db, body }) => {
    const items = db(RtdeItem)
    const { active = true } = body
    const display_order = active ? await lastPlace(items) : (await listOrdered(items)).length + 1
    return items.create({ ...body, active, display_order })
  },
})

const reorderRoute = defineRoute({
  name: 'admin.rtde_item.reorder',
  summary: 'Put all active items into another order',
  access: 'admin',
  method: 'PUT',
  path: `${path}/reorder`,
  body: itemOrdersBody,
  result: z.array(toRowSchema(RtdeItem)),
  handle: async ({ db, body }) => {
    const items = db(RtdeItem)
    await reorder(items, body.item_orders)
    return [...(await listOrdered(items))]
  },
})

const changeRoute = defineRoute({
  name: 'admin.rtde_item.change',
  summary: 'Change an item',
  description: 'One that becomes active again is the last; null or blank clears a text.',
  access: 'admin',
  method: 'PUT',
  path: `${path}/:id`,
  params,
  body: changeBody,
  result: RtdeItem,
  problems: ['not_found', 'conflict'],
  handle: async ({ db, params: { id }, body }) => {
    const items = db(RtdeItem)
    const before = await items.get(id)
    const returns = body.active === true && !before.active
    const place = returns ? { display_order: await lastPlace(items) } : {}
    const item = await items.change(id, { ...body, ...place })
    if (before.active && !item.active) await closeUp(items)
    return item
  },
})

const removeRoute = defineRoute({
  name: 'admin.rtde_item.remove',
  summary: 'Delete an item; one that sessions know of is deactivated',
  access: 'admin',
  method: 'DELETE',
  path: `${path}/:id`,
  params,
  entity: RtdeItem,
  result: z.object({ message: z.string(), deleted_permanently: z.boolean() }),
  problems: ['not_found'],
  handle: async ({ everyone, params: { id } }) => {
    const items = everyone(RtdeItem)
    await items.get(id)
    const isKnown = (await everyone(RtdeCount).count({ item_id: id })) > 0
    if (isKnown) await items.change(id, { active: false })
    else await items.remove(id)
    await closeUp(items)
    return isKnown
      ? { message: 'Item deactivated, since sessions know of it', deleted_permanently: false }
      : { message: 'Item deleted', deleted_permanently: true }
  },
})

export const itemRoutes = [listRoute, createItemRoute, reorderRoute, changeRoute, removeRoute]
