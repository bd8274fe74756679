import { join } from 'node:path'
import { defineTool } from '#kit/tool'
import { itemActivity, itemAdmin, itemStats } from './admin.ts'
import { Item } from './model.ts'
import { routes } from './routes.ts'
import { seed } from './seed.ts'

export { Item } from './model.ts'

/** A public catalogue that users add to and admins look after. */
export const items = defineTool({
  name: 'items',
  models: [Item],
  routes,
  admin: [itemAdmin],
  stats: [itemStats],
  activity: itemActivity,
  migrations: join(import.meta.dir, 'migrations'),
  invalid: 400,
  seed,
})
