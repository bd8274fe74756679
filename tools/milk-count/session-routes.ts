import {
  type DayRange,
  dayRangeQuery,
  defineRoute,
  idParam,
  listQuery,
  pageOf,
  type Route,
  toDateRange,
} from '#kit/http'
import { phaseForms, redateBody, reopenBody, startBody } from './bodies.ts'
import { MilkEntry, MilkSession } from './model.ts'
import { type Phase, phases } from './phases.ts'
import { assertNotFuture, reopen } from './rules.ts'
import { savePhase } from './save-phase.ts'
import { findCurrent, findLastCompleted, placedOf, start } from './sessions.ts'
import { thawed, toLine, toNamed, totalsOf } from './summary.ts'
import { currentSession, oneSession, summary, wholeSession } from './views.ts'

const path = '/api/milk-count/sessions'
const adminPath = '/api/milk-count/admin/sessions'
const params = { id: idParam(MilkSession) }

function currentRoute(word: 'current' | 'today'): Route {
  return defineRoute({
    name: `milk_count.${word}`,
    summary: 'The session that is under way, else today’s, and the last one completed',
    description:
      'Under way is one that was started less than 20 hours ago and is not finished. `current` and `today` answer alike.',
    access: 'staff',
    method: 'GET',
    path: `${path}/${word}`,
    result: currentSession,
    handle: async ({ db, nowMs, config }) => {
      const scene = { nowMs: nowMs(), timeZone: config.storeTimezone }
      const session = (await findCurrent(db, scene)) ?? null
      return { session, last_completed: (await findLastCompleted(db)) ?? null }
    },
  })
}

const startRoute = defineRoute({
  name: 'milk_count.start',
  summary: 'Start the count of a day',
  description:
    'Of today, or of yesterday where that is asked for. 409 tells the session that stands in the way in `session_id`.',
  access: 'staff',
  method: 'POST',
  path: `${path}/start`,
  body: startBody,
  system: 'The rows of milk types are locked, which staff cannot change, so that none is switched.',
  result: oneSession,
  status: 201,
  problems: ['conflict'],
  handle: async ({ db, system, actor, body, nowMs, config }) => ({
    session: await start({
      db,
      system,
      actorId: actor.id,
      asked: body.session_date,
      nowMs: nowMs(),
      timeZone: config.storeTimezone,
    }),
  }),
})

const getRoute = defineRoute({
  name: 'milk_count.get',
  summary: 'A session with its entries',
  access: 'staff',
  method: 'GET',
  path: `${path}/:id`,
  params,
  result: wholeSession,
  handle: async ({ db, params: { id } }) => ({
    session: await db(MilkSession).get(id),
    entries: (await placedOf(db, id)).map(toNamed),
  }),
})

function phaseRoute(phase: Phase): Route {
  const { list, body: form } = phaseForms[phase]
  return defineRoute({
    name: `milk_count.${phase}`,
    summary: `Save the count of one phase: ${phase}`,
    description:
      'Each milk type of the session once. What was saved already with the same values is answered as it is; with others it is a conflict, unless it is a `correction`.',
    access: 'staff',
    method: 'PUT',
    path: `${path}/:id/${phase.replace('_', '-')}`,
    params,
    body: form,
    entity: MilkSession,
    system:
      'The rows of milk types are locked, which staff cannot change; all staff are told who saved it.',
    result: wholeSession,
    problems: ['not_found', 'conflict'],
    handle: async (request) => {
      const { db, system, use, actor, nowMs, params: given, body } = request
      const who = { db, system, use, actor, nowMs }
      const saved = await savePhase({ ...who, ...body, id: given.id, phase, list })
      return { session: saved.session, entries: saved.placed.map(toNamed) }
    },
  })
}

const summaryRoute = defineRoute({
  name: 'milk_count.summary',
  summary: 'What is there, and what to order',
  description: 'Also as CSV, and as a page to print.',
  access: 'staff',
  method: 'GET',
  path: `${path}/:id/summary`,
  params,
  entity: MilkSession,
  result: summary,
  handle: async ({ db, params: { id } }) => {
    const session = await db(MilkSession).get(id)
    const lines = (await placedOf(db, id)).map(toLine)
    return { session, summary: lines, totals: totalsOf(lines) }
  },
})

const sessions = listQuery(MilkSession, { filters: ['status'] })

const historyRoute = defineRoute({
  name: 'milk_count.history',
  summary: 'List sessions, the newest date first',
  access: 'staff',
  method: 'GET',
  path: '/api/milk-count/history',
  query: { ...sessions.query, ...dayRangeQuery },
  result: pageOf(MilkSession),
  handle: ({ db, query }) => {
    const options = sessions.toOptions(query)
    const where = { ...options.where, session_date: toDateRange(query as DayRange) }
    return db(MilkSession).list({ ...options, where, sort: '-session_date' })
  },
})

const reopenRoute = defineRoute({
  name: 'admin.milk_count.reopen',
  summary: 'Reopen a completed session: its orders are due again',
  access: 'admin',
  method: 'POST',
  path: `${adminPath}/:id/reopen`,
  params,
  body: reopenBody,
  result: oneSession,
  problems: ['not_found', 'conflict'],
  handle: async ({ db, params: { id }, body }) => {
    const session = await db(MilkSession).change(id, reopen)
    if (body.par === 'current') await db(MilkEntry).changeMany({ session_id: id }, thawed)
    return { session }
  },
})

const redateRoute = defineRoute({
  name: 'admin.milk_count.redate',
  summary: 'Give a session another date',
  access: 'admin',
  method: 'PATCH',
  path: `${adminPath}/:id`,
  params,
  body: redateBody,
  result: oneSession,
  problems: ['not_found', 'conflict'],
  handle: async ({ db, params: { id }, body, nowMs, config }) => {
    assertNotFuture(body.session_date, nowMs(), config.storeTimezone)
    return { session: await db(MilkSession).change(id, body) }
  },
})

export const sessionRoutes = [
  currentRoute('current'),
  currentRoute('today'),
  startRoute,
  getRoute,
  ...phases.map(phaseRoute),
  summaryRoute,
  historyRoute,
  reopenRoute,
  redateRoute,
]
