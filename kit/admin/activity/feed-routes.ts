import { z } from 'zod'
import { AuditEntry } from '#kit/db'
import {
  csvOf,
  dayRangeQuery,
  defineRoute,
  listQuery,
  pageOf,
  type Result,
  type Route,
  toDayRange,
} from '#kit/http'
import { textSchema } from '#kit/model'
import type { ActiveTool, NamesOf } from './activity.ts'
import { type ActivityBook, createActivityBook } from './activity-book.ts'
import { fromCursor } from './feed-cursor.ts'
import { activityEvent, type FeedPage, readFeed } from './read-feed.ts'

export const activityPaths = {
  activity: '/api/admin/activity',
  recent: '/api/activity/recent',
} as const

const usualEvents = 50
const usualRecent = 20

/** The feeds: what people and commands did, for admins all of it, for staff what tools release to them. */
export function feedRoutes(tools: readonly ActiveTool[], namesOf: NamesOf): Route[] {
  const told = { book: createActivityBook(tools), namesOf }
  return [activityRoute(told), recentRoute(told)]
}

interface Telling {
  readonly book: ActivityBook
  readonly namesOf: NamesOf
}

function activityRoute({ book, namesOf }: Telling): Route {
  return defineRoute({
    name: 'admin.activity.list',
    summary: 'List what was done, newest first',
    description:
      'One event for each call that wrote something. Days are those of the shop, both ends included.',
    access: 'admin',
    method: 'GET',
    path: activityPaths.activity,
    query: {
      limit,
      cursor,
      type: z.enum(book.types).optional(),
      tool: z.enum(book.tools).optional(),
      user_id: userId.optional(),
      ...dayRangeQuery,
    },
    result: feedResult,
    handle: ({ everyone, query, config }) => {
      const { type, tool } = query
      const ofType = type === undefined ? [] : [book.ofType(type)]
      const ofTool = tool === undefined ? [] : [book.ofTool(tool)]
      const days = toDayRange(query, config.storeTimezone)
      return readFeed(everyone, {
        book,
        namesOf,
        filter: {
          sources: [...ofType, ...ofTool],
          actorId: query.user_id,
          from: days?.gte,
          before: days?.lt,
          otherThan: book.untold,
        },
        accepts: (told) => type === undefined || told.type === type,
        after: query.cursor === undefined ? undefined : fromCursor(query.cursor),
        limit: query.limit ?? usualEvents,
      })
    },
  })
}

function recentRoute({ book, namesOf }: Telling): Route {
  return defineRoute({
    name: 'activity.recent',
    summary: 'List what was done lately, as far as it concerns all staff',
    access: 'staff',
    method: 'GET',
    path: activityPaths.recent,
    system: 'The audit trail is for admins; staff read the events that tools release to them.',
    query: { limit },
    result: recentResult,
    handle: async ({ system, query }) => {
      const page = await readFeed(system, {
        book,
        namesOf,
        filter: { sources: [book.forStaff] },
        accepts: ({ audience }) => audience === 'staff',
        after: undefined,
        limit: query.limit ?? usualRecent,
      })
      return page.events
    },
  })
}

const { limit, cursor } = listQuery(AuditEntry).query as PageQuery

interface PageQuery {
  readonly limit: z.ZodType<number | undefined>
  readonly cursor: z.ZodType<string | undefined>
  readonly [name: string]: z.ZodType
}

const userId = textSchema({ min: 1, max: 100 })
const events = z.array(activityEvent)

const nextPage = pageOf(AuditEntry).headers

const table = {
  name: 'activity',
  columns: [
    { name: 'timestamp', time: 'store' },
    'type',
    'tool',
    'title',
    'description',
    'user_id',
    'user_name',
  ],
} as const

const feedResult: Result<FeedPage> = csvOf(feedOf(), table)
const recentResult = csvOf(events, table)

function feedOf(): Result<FeedPage> {
  return {
    schema: events,
    model: undefined,
    hasEntityTag: false,
    isPage: true,
    encode: (page: FeedPage) => page.events,
    headers: ({ next }: FeedPage, target: string) =>
      nextPage?.({ rows: [], next, total: undefined }, target) ?? {},
  }
}
