import { z } from 'zod'
import {
  csvOf,
  type DayRange,
  dayRangeQuery,
  defineRoute,
  listQuery,
  pageOf,
  toDayRange,
} from '#kit/http'
import { type Action, actions, codeSchema, TrackingHistory } from './model.ts'

const { query, toOptions } = listQuery(TrackingHistory, { filters: ['user_id', 'category'] })

const action = z
  .string()
  .transform((text) => text.toUpperCase())
  .pipe(z.enum(actions))
  .optional()
  .meta({ type: 'string', enum: actions, description: 'In capital or small letters.' })

const route = defineRoute({
  name: 'tracking.history',
  summary: 'List what was done in the basement, newest first',
  description: 'Days are those of the shop, both ends included.',
  access: 'staff',
  method: 'GET',
  path: '/api/tracking/history',
  query: { ...query, ...dayRangeQuery, action, code: codeSchema.optional() },
  result: csvOf(pageOf(TrackingHistory), {
    name: 'tracking-history',
    columns: [
      { name: 'timestamp', time: 'store' },
      'action',
      'item_name',
      'item_code',
      'category',
      'user_name',
      'notes',
    ],
  }),
  handle: ({ db, query: asked, config }) => {
    const { where, ...options } = toOptions(asked)
    const timestamp = toDayRange(asked as DayRange, config.storeTimezone)
    const own = {
      action: asked['action'] as Action | undefined,
      item_code: asked['code'] as string | undefined,
    }
    return db(TrackingHistory).list({
      ...options,
      where: { ...where, ...own, timestamp },
      sort: '-timestamp',
    })
  },
})

export const historyRoutes = [route]
