import type { SQL } from 'bun'
import { Refusal } from '../refusal.ts'
import { limitOf, toTask } from '../wire.ts'
import type { Write } from './commit.ts'

interface TaskRow {
  readonly id: string
  readonly user_id: string
  readonly title: string
  readonly description: string | null
  readonly completed: boolean
  readonly created_at: Date
  readonly updated_at: Date
}

/** What a task's owner may do here: read one, list, create. */
export function createTasks(sql: SQL, write: Write) {
  return {
    find: async (userId: string, id: string): Promise<Response> => {
      const [row] = await sql<TaskRow[]>`
        select "id", "user_id", "created_at", "updated_at", "title", "description", "completed"
        from "tasks" where "id" = ${id} and "user_id" = ${userId}`
      if (!row) throw new Refusal(404, 'Task not found.')
      return Response.json(toWire(row))
    },
    list: async (userId: string, url: string): Promise<Response> => {
      const limit = limitOf(url)
      const rows = await sql<TaskRow[]>`
        select "id", "user_id", "created_at", "updated_at", "title", "description", "completed"
        from "tasks" where "user_id" = ${userId} order by "created_at" desc, "id" desc limit ${limit + 1}`
      return Response.json(rows.slice(0, limit).map(toWire))
    },
    create: async (userId: string, request: Request): Promise<Response> => {
      const { title, description, completed } = toTask(await request.json())
      const now = new Date().toISOString()
      const [row] = await write(
        (unit) => unit<{ id: string }[]>`
          insert into "tasks" ("user_id", "created_at", "updated_at", "title", "description", "completed")
          values (${userId}, ${now}, ${now}, ${title}, ${description}, ${completed}) returning "id"`,
      )
      const task = { id: Number(row?.id), user_id: userId, title, description, completed }
      return Response.json({ ...task, created_at: now, updated_at: now }, { status: 201 })
    },
  }
}

/** The driver gives int8 as text; JSON writes its dates as Plinth writes instants. */
function toWire(row: TaskRow) {
  return { ...row, id: Number(row.id) }
}
