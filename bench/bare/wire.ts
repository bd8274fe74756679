import { Refusal } from './refusal.ts'

/*
 * What comes in and goes out, whatever the engine.
 */

export interface UserRow {
  readonly id: string
  readonly username: string | null
  readonly email: string | null
  readonly name: string | null
  readonly partner_number: string | null
  readonly role: string
  readonly is_active: number | boolean
  readonly created_at: string | Date
  readonly updated_at: string | Date
  readonly last_login: string | Date | null
  readonly password_hash: string | null
}

export const taskColumns =
  '"id", "user_id", "created_at", "updated_at", "title", "description", "completed"'

const usualRows = 50
const mostRows = 100

export function bearerOf(request: Request): string {
  const text = request.headers.get('authorization') ?? ''
  if (!text.startsWith('Bearer ')) throw new Refusal(401, 'A bearer token is needed.')
  return text.slice(7)
}

/** Instants may be dates: JSON writes both alike. */
export function toUser(user: UserRow) {
  return {
    id: user.id,
    username: user.username,
    email: user.email,
    name: user.name,
    partner_number: user.partner_number,
    role: user.role,
    is_admin: user.role === 'admin',
    is_active: Boolean(user.is_active),
    created_at: user.created_at,
    updated_at: user.updated_at,
    last_login: user.last_login,
  }
}

export function limitOf(url: string): number {
  const limit = Number(new URL(url).searchParams.get('limit') ?? usualRows)
  if (Number.isInteger(limit) && limit >= 1 && limit <= mostRows) return limit
  throw new Refusal(422, `limit must be from 1 to ${mostRows}.`)
}

export function toTask(body: unknown) {
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
