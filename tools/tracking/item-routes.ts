import { z } from 'zod'
import { defineRoute, flagQuery, listQuery, objectOf, pageOf } from '#kit/http'
import { addBody, editBody, refParam, restoreBody } from './bodies.ts'
import { assertFree, drawCodes, dropExpired, takeGiven, type Work } from './codes.ts'
import { addItems, claimFor, itemAt, noteHistory, releaseFrom } from './items.ts'
import { TrackingItem } from './model.ts'
import { alreadyRemoved, describeEdit, edit, type Item, remove, restore } from './rules.ts'

const path = '/api/tracking/items'
const ofOne = { access: 'staff', params: { ref: refParam }, entity: TrackingItem } as const
const oneItem = objectOf({ item: TrackingItem }, { entity: 'item' })

const { query, toOptions } = listQuery(TrackingItem, {
  filters: ['category'],
  search: ['name_key', 'code'],
  sort: ['added_at', 'name', 'code'],
})

const listRoute = defineRoute({
  name: 'tracking.item.list',
  summary: 'List the boxes of the basement',
  access: 'staff',
  method: 'GET',
  path,
  query: { ...query, include_removed: flagQuery('Removed ones too.') },
  result: pageOf(TrackingItem),
  handle: ({ db, query: asked }) => {
    const { where, sort = '-added_at', ...options } = toOptions(asked)
    const present = asked.include_removed ? {} : { is_removed: false }
    return db(TrackingItem).list({ ...options, sort, where: { ...where, ...present } })
  },
})

const createRoute = defineRoute({
  name: 'tracking.item.create',
  summary: 'Add a box',
  description:
    'Without a code one is drawn. A code given must be free, or reserved by who adds it.',
  access: 'staff',
  method: 'POST',
  path,
  body: addBody,
  status: 201,
  result: oneItem,
  problems: ['conflict'],
  handle: async (request) => {
    const { code, ...named } = request.body
    const wanted = { ...named, code: code ?? undefined, path: 'code' }
    const [item] = await addItems(request, [wanted])
    return { item: item as Item }
  },
})

const getRoute = defineRoute({
  ...ofOne,
  name: 'tracking.item.get',
  summary: 'Get a box by its id or code',
  description: 'Under a code that no box has, the one that was last removed under it.',
  method: 'GET',
  path: `${path}/:ref`,
  result: oneItem,
  handle: async ({ db, params }) => ({ item: await itemAt(db, params.ref) }),
})

const changeRoute = defineRoute({
  ...ofOne,
  name: 'tracking.item.change',
  summary: 'Change the name or category of a box',
  method: 'PATCH',
  path: `${path}/:ref`,
  body: editBody,
  result: oneItem,
  problems: ['conflict'],
  handle: async (request) => {
    const { db, params, body } = request
    const found = await itemAt(db, params.ref)
    let before = found
    const item = await db(TrackingItem).change(found.id, (row) => {
      before = row
      return edit(row, body)
    })
    const notes = describeEdit(before, item)
    if (notes !== '') await noteHistory(request, { action: 'EDIT', items: [item], notes })
    return { item }
  },
})

const removeRoute = defineRoute({
  ...ofOne,
  name: 'tracking.item.remove',
  summary: 'Take a box out',
  description: 'Its code is free at once.',
  method: 'DELETE',
  path: `${path}/:ref`,
  result: objectOf(
    { message: z.literal('Item removed successfully'), item: TrackingItem },
    { entity: 'item' },
  ),
  problems: [alreadyRemoved],
  handle: async (request) => {
    const { db, params, actor, nowMs } = request
    const { id } = await itemAt(db, params.ref)
    const doing = { actorId: actor.id, nowMs: nowMs() }
    const item = await db(TrackingItem).change(id, (row) => remove(row, doing))
    await noteHistory(request, { action: 'REMOVE', items: [item] })
    await releaseFrom(db, [item])
    return { message: 'Item removed successfully' as const, item }
  },
})

const restoreRoute = defineRoute({
  ...ofOne,
  name: 'tracking.item.restore',
  summary: 'Put a box back',
  description: 'Under its old code, under `code`, or with `new_code` under one that is drawn.',
  method: 'POST',
  path: `${path}/:ref/restore`,
  body: restoreBody,
  result: oneItem,
  problems: ['conflict'],
  handle: async (request) => {
    const { db, params, body } = request
    const found = await itemAt(db, params.ref)
    // Whether it is removed at all goes before whether a code is free.
    restore(found, found.code)
    await dropExpired(request)
    const code = body.new_code
      ? await drawOne(request)
      : await given(request, body.code ?? found.code)
    const item = await db(TrackingItem).change(found.id, (row) => restore(row, code))
    await noteHistory(request, { action: 'RESTORE', items: [item] })
    await claimFor(db, [item])
    return { item }
  },
})

async function drawOne(work: Work): Promise<string> {
  const [code = ''] = await drawCodes(work, { count: 1 })
  return code
}

async function given(work: Work, code: string): Promise<string> {
  assertFree([{ code, path: 'code' }], await takeGiven(work, [code]))
  return code
}

export const itemRoutes = [listRoute, createRoute, getRoute, changeRoute, removeRoute, restoreRoute]
