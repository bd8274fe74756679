import { join } from 'node:path'
import { defineStats } from '#kit/admin'
import { defineTool } from '#kit/tool'
import { Task } from './model.ts'
import { routes } from './routes.ts'
import { seed } from './seed.ts'

export { Task } from './model.ts'

/** Each user's own list of things to do. */
export const tasks = defineTool({
  name: 'tasks',
  models: [Task],
  routes,
  // Nothing is told of them to staff, and to admins no more than that they happened: they are private.
  stats: [defineStats(Task, { total: {}, completed: { completed: true } }, 'tasks')],
  migrations: join(import.meta.dir, 'migrations'),
  seed,
})
