import type { Seed } from '#kit/tool'
import { User } from '#tools/accounts'
import { Task } from './model.ts'

const tasks = [
  { title: 'Look around', completed: true },
  { title: 'Tick this one off', description: 'PATCH /api/me/tasks/:id/complete turns it over.' },
  { title: 'Write a task of your own' },
  { title: 'Change a title', description: 'PUT /api/me/tasks/:id takes what is to be another.' },
  { title: 'Delete what is done' },
]

/** A list to try things on, for the user `demo` where there is one: nobody else’s list is touched. */
export const seed: Seed = async ({ system, ensure }) => {
  const demo = await system(User).find({ username: 'demo' })
  if (!demo) return
  for (const task of tasks)
    await ensure(Task, { user_id: demo.id, title: task.title }, { user_id: demo.id, ...task })
}
