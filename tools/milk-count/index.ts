import { join } from 'node:path'
import { defineTool } from '#kit/tool'
import { activity, typeAdmin } from './admin.ts'
import { assertSound } from './assert-sound.ts'
import { demo } from './demo.ts'
import { MilkEntry, MilkSession, MilkType } from './model.ts'
import { seed } from './seed.ts'
import { sessionRoutes } from './session-routes.ts'
import { typeRoutes } from './type-routes.ts'

export { MilkEntry, MilkSession, MilkType } from './model.ts'

/** Milk: counted at night and in the morning, and what to order of it. */
export const milkCount = defineTool({
  name: 'milk-count',
  models: [MilkType, MilkSession, MilkEntry],
  routes: [...sessionRoutes, ...typeRoutes],
  admin: [typeAdmin],
  activity,
  migrations: join(import.meta.dir, 'migrations'),
  invalid: 400,
  assertSound,
  seed,
  seedSet: 'store',
  demo,
})
