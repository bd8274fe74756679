import { join } from 'node:path'
import { defineTool } from '#kit/tool'
import { activity } from './activity.ts'
import { templateAdmin } from './admin.ts'
import { assertSound } from './assert-sound.ts'
import { bulkRoutes } from './bulk-routes.ts'
import { codeRoutes } from './code-routes.ts'
import { demo } from './demo.ts'
import { historyRoutes } from './history-routes.ts'
import { itemRoutes } from './item-routes.ts'
import { CodeClaim, NameTemplate, TrackingHistory, TrackingItem } from './model.ts'
import { searchRoutes } from './search-routes.ts'
import { seed } from './seed.ts'
import { templateRoutes } from './template-routes.ts'

export { randomBelow } from './codes.ts'
export { CodeClaim, NameTemplate, TrackingHistory, TrackingItem } from './model.ts'

/** What is in the basement: each box with the four digits that are written on it. */
export const tracking = defineTool({
  name: 'tracking',
  activityName: 'inventory',
  models: [TrackingItem, CodeClaim, TrackingHistory, NameTemplate],
  routes: [
    ...searchRoutes,
    ...bulkRoutes,
    ...itemRoutes,
    ...codeRoutes,
    ...historyRoutes,
    ...templateRoutes,
  ],
  admin: [templateAdmin],
  activity,
  assertSound,
  migrations: join(import.meta.dir, 'migrations'),
  invalid: 400,
  seed,
  seedSet: 'store',
  demo,
})
