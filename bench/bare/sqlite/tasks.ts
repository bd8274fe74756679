import type { Database } from 'bun:sqlite'
import { Refusal } from '../refusal.ts'
import { limitOf, taskColumns, toTask } from '../wire.ts'
import type { Write } from './commit.ts'

interface TaskRow {
  readonly id: number
  readonly completed: number
}

/** What a task's owner may do here: read one, list, create. */
export function createTasks(reader: Database, writer: Database, write: Write) {
  const byId = reader.prepare<TaskRow, [number, string]>(
    `select ${taskColumns} from "tasks" where "id" = +? and "user_id" = +?`,
  )
  const page = reader.prepare<TaskRow, [string, number]>(
    `select ${taskColumns} from "tasks" where "user_id" = +? order by "created_at" desc, "id" desc limit +?`,
  )
  const insert = writer.prepare<{ id: number }, (string | number | null)[]>(
    `insert into "tasks" ("user_id", "created_at", "updated_at", "title", "description", "completed")
     values (?, ?, ?, ?, ?, ?) returning "id"`,
  )
  return {
    find: (userId: string, id: string): Response => {
      const row = byId.get(Number(id), userId)
      if (!row) throw new Refusal(404, 'Task not found.')
      return Response.json(toWire(row))
    },
    list: (userId: string, url: string): Response => {
      const rows = page.all(userId, limitOf(url) + 1)
      return Response.json(rows.slice(0, limitOf(url)).map(toWire))
    },
    create: async (userId: string, request: Request): Promise<Response> => {
      const { title, description, completed } = toTask(await request.json())
      const now = new Date().toISOString()
      const values = [userId, now, now, title, description, Number(completed)]
      const row = await write(() => insert.get(...values))
      const task = { id: row?.id, user_id: userId, title, description, completed }
      return Response.json({ ...task, created_at: now, updated_at: now }, { status: 201 })
    },
  }
}

function toWire(row: TaskRow) {
  return { ...row, completed: row.completed === 1 }
}
