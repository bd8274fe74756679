import { z } from 'zod'
import { Problem } from '#kit/core'
import { defineRoute, flagQuery, idParam, peopleNames } from '#kit/http'
import { uuidSchema } from '#kit/model'
import { quantityRule } from './limits.ts'
import { RtdeCount, RtdeItem, RtdeRestock, RtdeSession } from './model.ts'
import { asRead, expiryAfter, pullListOf, toSessionItem } from './rules.ts'
import {
  changeOpen,
  complete,
  findOpen,
  type InSession,
  itemsOf,
  resume,
  startNew,
} from './sessions.ts'
import {
  activeSession,
  completedSession,
  lastCompleted,
  pullList,
  startedSession,
  touchedItem,
  wholeSession,
} from './views.ts'

const path = '/api/rtde/sessions'
const params = { id: idParam(RtdeSession) }

const startBody = z
  .strictObject({ action: z.enum(['new', 'resume']).default('new') })
  .prefault({})
  .meta({ id: 'RtdeStart' })

const countBody = z
  .strictObject({
    item_id: uuidSchema,
    counted_quantity: z
      .int()
      .min(quantityRule.min)
      .max(quantityRule.max)
      .nullable()
      .meta({ description: 'Null: uncounted.' }),
  })
  .meta({ id: 'RtdeCounted' })

const pullBody = z
  .strictObject({ item_id: uuidSchema, is_pulled: z.boolean() })
  .meta({ id: 'RtdePulled' })

const activeRoute = defineRoute({
  name: 'rtde.active',
  summary: 'Your open session, and how far it is',
  access: 'staff',
  method: 'GET',
  path: `${path}/active`,
  result: activeSession,
  handle: async ({ db, nowMs }) => {
    const session = await findOpen(db, nowMs())
    if (!session) return { session: null }
    const items = await itemsOf(db, session)
    const { id, started_at, expires_at } = session
    const items_counted = items.filter((item) => item.counted_quantity !== null).length
    return {
      session: { id, started_at, expires_at, items_counted, total_items: items.length },
    }
  },
})

const lastCompletedRoute = defineRoute({
  name: 'rtde.last_completed',
  summary: 'When the display was last restocked, and by whom',
  access: 'staff',
  method: 'GET',
  path: `${path}/last-completed`,
  system: 'All staff are told who it was; users themselves are not theirs to read.',
  result: lastCompleted,
  handle: async ({ db, system, use }) => {
    const { rows } = await db(RtdeRestock).list({ sort: '-completed_at', limit: 1 })
    const [last] = rows
    if (!last) return { last_completed_at: null, user_name: null }
    const names = await use(peopleNames)(system, [last.user_id])
    return { last_completed_at: last.completed_at, user_name: names.get(last.user_id) ?? null }
  },
})

const startRoute = defineRoute({
  name: 'rtde.start',
  summary: 'Start a session, or go on with the open one',
  description: 'A new one ends the open one. `resume` answers 200, and 409 where there is none.',
  access: 'staff',
  method: 'POST',
  path: `${path}/start`,
  body: startBody,
  result: startedSession,
  status: 201,
  problems: ['conflict'],
  handle: async ({ db, body, nowMs }) =>
    body.action === 'new'
      ? { session: await startNew(db, nowMs()), isNew: true }
      : { session: await resume(db, nowMs()), isNew: false },
})

const getRoute = defineRoute({
  name: 'rtde.get',
  summary: 'One of your sessions, with its items',
  access: 'staff',
  method: 'GET',
  path: `${path}/:id`,
  params,
  result: wholeSession,
  handle: async ({ db, params: { id }, nowMs }) => {
    const session = await db(RtdeSession).get(id)
    return { session: asRead(session, nowMs()), items: await itemsOf(db, session) }
  },
})

const countRoute = defineRoute({
  name: 'rtde.count',
  summary: 'Say how many of an item there are; null takes it back',
  access: 'staff',
  method: 'PUT',
  path: `${path}/:id/count`,
  params,
  body: countBody,
  result: touchedItem,
  problems: ['not_found', 'conflict', 'gone'],
  handle: (request) => {
    const { item_id, counted_quantity } = request.body
    return touch(request, item_id, { counted_quantity })
  },
})

const pullRoute = defineRoute({
  name: 'rtde.pull',
  summary: 'Tick an item off the pull list, or not',
  access: 'staff',
  method: 'PUT',
  path: `${path}/:id/pull`,
  params,
  body: pullBody,
  result: touchedItem,
  problems: ['not_found', 'conflict', 'gone'],
  handle: (request) => {
    const { item_id, is_pulled } = request.body
    return touch(request, item_id, { is_pulled })
  },
})

type Touch = { readonly counted_quantity: number | null } | { readonly is_pulled: boolean }

/** Writes what the session holds of an item, and keeps the session open for another while. */
async function touch(request: InSession, item_id: string, values: Touch) {
  const { db, nowMs } = request
  const session = await changeOpen(request, { expires_at: expiryAfter(nowMs()) })
  const item = await db(RtdeItem).find({ id: item_id, active: true })
  if (!item) throw new Problem('not_found', 'There is no such item on the display.')
  const count = await db(RtdeCount).put({ session_id: session.id, item_id }, values)
  return { item: toSessionItem(item, count), expires_at: session.expires_at }
}

const pullListRoute = defineRoute({
  name: 'rtde.pull_list',
  summary: 'What is to be fetched',
  access: 'staff',
  method: 'GET',
  path: `${path}/:id/pull-list`,
  params,
  query: { include_uncounted: flagQuery('Adds what nobody has counted, with its full par.') },
  result: pullList,
  handle: async ({ db, params: { id }, query }) => {
    const session = await db(RtdeSession).get(id)
    const items = await itemsOf(db, session)
    return pullListOf(items, query.include_uncounted ? 'with uncounted' : 'counted only')
  },
})

const completeRoute = defineRoute({
  name: 'rtde.complete',
  summary: 'Complete a session: what it says stays from then on',
  access: 'staff',
  method: 'POST',
  path: `${path}/:id/complete`,
  params,
  result: completedSession,
  problems: ['not_found', 'conflict', 'gone'],
  handle: async (request) => ({
    message: 'Session completed',
    session: await complete(request),
  }),
})

export const sessionRoutes = [
  activeRoute,
  lastCompletedRoute,
  startRoute,
  getRoute,
  countRoute,
  pullRoute,
  pullListRoute,
  completeRoute,
]
