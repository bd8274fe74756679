import type { Patch, Row } from '#kit/model'
import type { Task } from './model.ts'

/** Done becomes to do, and the other way round. */
export function toggle(task: Row<typeof Task>): Patch<typeof Task> {
  return { completed: !task.completed }
}
