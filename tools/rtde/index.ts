import { join } from 'node:path'
import { defineTool } from '#kit/tool'
import { itemAdmin, rtdeActivity } from './admin.ts'
import { assertSound } from './assert-sound.ts'
import { demo } from './demo.ts'
import { historyRoutes } from './history-routes.ts'
import { itemRoutes } from './item-routes.ts'
import { RtdeCount, RtdeItem, RtdeRestock, RtdeSession } from './model.ts'
import { seed } from './seed.ts'
import { sessionRoutes } from './session-routes.ts'

export { RtdeCount, RtdeItem, RtdeRestock, RtdeSession } from './model.ts'

/** Restocking the display: count it, get a list, fetch what is on it. */
export const rtde = defineTool({
  name: 'rtde',
  models: [RtdeItem, RtdeSession, RtdeCount, RtdeRestock],
  routes: [...sessionRoutes, ...historyRoutes, ...itemRoutes],
  admin: [itemAdmin],
  activity: rtdeActivity,
  migrations: join(import.meta.dir, 'migrations'),
  invalid: 400,
  assertSound,
  seed,
  seedSet: 'store',
  demo,
})
