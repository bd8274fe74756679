import type { Database } from 'bun:sqlite'
import type { Write } from './commit.ts'
import { Refusal } from './refusal.ts'

interface TaskRow {
  readonly id: number
  readonly completed: number
}

const columns = '"id", "user_id", "created_at", "updated_at", "title", "description", "completed"'
const usualRows = 50
const mostRows = 100

/** What a task's owner may do here: read one, list, create. */
export function createTasks(reader: Database, writer: Database, write: Write) {
  const byId = reader.prepare<TaskRow, [number, string]>(
    `select ${columns} from "tasks" where "id" = +? and "user_id" = +?`,
  )
  const page = reader.prepare<TaskRow, [string, number]>(
    `select ${columns} from "tasks" where "user_id" = +? order by "created_at" desc, "id" desc limit +?`,
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

function limitOf(url: string): number {
  const limit = Number(new URL(url).searchParams.get('limit') ?? usualRows)
  if (Number.isInteger(limit) && limit >= 1 && limit <= mostRows) return limit
  throw new Refusal(422, `limit must be from 1 to ${mostRows}.`)
}

function toTask(body: unknown) {
  if (typeof body !== 'object' || body === null) throw new Refusal(422, 'A task is an object.')
  const { title, description = null, completed = false }: Record<string, unknown> = { ...body }
  if (!isText(title, 200)) throw new Refusal(422, 'title must be a text of 1 to 200 characters.')
  if (description !== null && !isText(description, 1000))
    throw new Refusal(422, 'description must be a text of at most 1000 characters.')
  if (typeof completed !== 'boolean') throw new Refusal(422, 'completed must be true or false.')
  return { title: title.trim(), description, completed }
}

function isText(value: unknown, longest: number): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= longest
}
