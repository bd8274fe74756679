import { z } from 'zod'
import { toInstant } from '#kit/core'
import {
  type DayRange,
  dayRangeQuery,
  defineRoute,
  idParam,
  listQuery,
  pageOf,
  toDayRange,
} from '#kit/http'
import type { Where } from '#kit/model'
import { RtdeRestock, RtdeSession, type SessionState, sessionStates } from './model.ts'
import { asRead } from './rules.ts'
import { itemsOf } from './sessions.ts'
import { wholeSession } from './views.ts'

const restocks = listQuery(RtdeRestock, { filters: ['user_id'] })
const sessions = listQuery(RtdeSession, { filters: ['user_id'] })

const historyRoute = defineRoute({
  name: 'rtde.history',
  summary: 'List the completed sessions of all, newest first',
  access: 'staff',
  method: 'GET',
  path: '/api/rtde/history',
  query: { ...restocks.query, ...dayRangeQuery },
  result: pageOf(RtdeRestock),
  handle: ({ db, query, config }) => {
    const options = restocks.toOptions(query)
    const completed_at = toDayRange(query as DayRange, config.storeTimezone)
    const where = { ...options.where, completed_at }
    return db(RtdeRestock).list({ ...options, where, sort: '-completed_at' })
  },
})

/** Sessions that are read so at this moment: one that is over need not be stored so yet. */
const readAs: Readonly<Record<SessionState, (now: string) => Where<typeof RtdeSession>>> = {
  in_progress: (now) => ({ status: 'in_progress', expires_at: { gt: now } }),
  expired: (now) => ({ status: { ne: 'completed' }, expires_at: { lte: now } }),
  completed: () => ({ status: 'completed' }),
}

const listRoute = defineRoute({
  name: 'admin.rtde.sessions',
  summary: 'List the sessions of all, newest first',
  access: 'admin',
  method: 'GET',
  path: '/api/rtde/admin/sessions',
  query: { ...sessions.query, status: z.enum(sessionStates).optional() },
  result: pageOf(RtdeSession),
  handle: async ({ everyone, query, nowMs }) => {
    const now = nowMs()
    const options = sessions.toOptions(query)
    const status = query.status as SessionState | undefined
    const where = { ...options.where, ...(status && readAs[status](toInstant(now))) }
    const page = await everyone(RtdeSession).list({ ...options, where })
    return { ...page, rows: page.rows.map((session) => asRead(session, now)) }
  },
})

const getRoute = defineRoute({
  name: 'admin.rtde.session',
  summary: 'Anybody’s session, with its items',
  access: 'admin',
  method: 'GET',
  path: '/api/rtde/admin/sessions/:id',
  params: { id: idParam(RtdeSession) },
  result: wholeSession,
  handle: async ({ everyone, params: { id }, nowMs }) => {
    const session = await everyone(RtdeSession).get(id)
    return { session: asRead(session, nowMs()), items: await itemsOf(everyone, session) }
  },
})

export const historyRoutes = [historyRoute, listRoute, getRoute]
