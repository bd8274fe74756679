import { join } from 'node:path'
import { defineTool } from '#kit/tool'
import { Task } from './model.ts'
import { routes } from './routes.ts'

export { Task } from './model.ts'

/** Each user's own list of things to do. */
export const tasks = defineTool({
  name: 'tasks',
  models: [Task],
  routes,
  migrations: join(import.meta.dir, 'migrations'),
})
