import { crud, defineRoute, idParam } from '#kit/http'
import { Task } from './model.ts'
import { toggle } from './rules.ts'

const path = '/api/:user_id/tasks'

export const routes = [
  ...crud(Task, {
    path,
    self: 'user_id',
    access: 'user',
    filters: ['completed', 'created_at'],
    search: ['title', 'description'],
    sort: ['created_at', 'title', 'updated_at'],
    changeMethod: 'PUT',
    removed: 'Task deleted',
  }),
  defineRoute({
    name: 'task.complete',
    summary: 'Toggle completion',
    access: 'user',
    method: 'PATCH',
    path: `${path}/:id/complete`,
    self: 'user_id',
    params: { id: idParam(Task) },
    result: Task,
    problems: ['not_found'],
    handle: ({ params, db }) => db(Task).change(params.id, toggle),
  }),
]
