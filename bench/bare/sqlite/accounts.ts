import type { Database } from 'bun:sqlite'
import type { Caller } from '../engine.ts'
import { Refusal } from '../refusal.ts'
import { type Claims, expiryOf, signPair, type Tokens } from '../tokens.ts'
import { bearerOf, toUser, type UserRow } from '../wire.ts'
import type { Write } from './commit.ts'

interface CallerRow {
  readonly role: string
  readonly is_active: number
  readonly session_id: string | null
}

interface SessionRow {
  readonly user_id: string
  readonly generation: number
  readonly expires_at: string
}

interface Parts {
  readonly reader: Database
  readonly writer: Database
  readonly write: Write
  readonly tokens: Tokens
}

/** Who is asking, and how one comes to be known: log-in and refresh. */
export function createAccounts(parts: Parts) {
  return {
    authenticate: createAuthenticate(parts),
    login: createLogin(parts),
    refresh: createRefresh(parts),
  }
}

/** Whose token it is: one statement a request. */
function createAuthenticate({ reader, tokens }: Parts) {
  const caller = reader.prepare<CallerRow, [string, string, string]>(
    `select "users"."role", "users"."password_state", "users"."pin_state",
       (select "sessions"."id" from "sessions" where "sessions"."user_id" = "users"."id"
         and "sessions"."id" = +? and "sessions"."expires_at" > +?) as "session_id",
       case when "users"."is_active" then 1 else 0 end as "is_active"
     from "users"
     where "users"."id" = +?`,
  )
  const admit = (claims: Claims): Caller => {
    const row = caller.get(claims.sessionId, new Date().toISOString(), claims.userId)
    if (row?.is_active !== 1 || row.session_id === null)
      throw new Refusal(401, 'The session has ended.')
    return { userId: claims.userId, role: row.role }
  }
  return (request: Request): Caller | Promise<Caller> => {
    const claims = tokens.verifyAccess(bearerOf(request))
    return claims instanceof Promise ? claims.then(admit) : admit(claims)
  }
}

function createLogin({ reader, writer, write, tokens }: Parts) {
  const byName = reader.prepare<UserRow, [string]>(
    'select * from "users" where lower("username") = lower(?)',
  )
  const noteLogin = writer.prepare<UserRow, [string, string]>(
    'update "users" set "last_login" = ? where "id" = ? returning *',
  )
  const removeEnded = writer.prepare('delete from "sessions" where "expires_at" <= ?')
  const addSession = writer.prepare(
    `insert into "sessions" ("id", "user_id", "created_at", "updated_at", "generation", "expires_at", "last_used_at", "address")
     values (?, ?, ?, ?, 1, ?, ?, ?)`,
  )
  return async (request: Request): Promise<Response> => {
    const { username, password } = (await request.json()) as Record<string, unknown>
    const found = byName.get(String(username))
    const isRight = await Bun.password.verify(String(password), found?.password_hash ?? '')
    if (!found || !isRight) throw new Refusal(401, 'The name or the secret is wrong.')
    const sessionId = Bun.randomUUIDv7()
    const pair = await signPair(tokens, { userId: found.id, sessionId, generation: 1 })
    const user = await write(() => {
      const now = new Date().toISOString()
      const row = noteLogin.get(now, found.id)
      removeEnded.run(now)
      addSession.run(sessionId, found.id, now, now, expiryOf(tokens), now, '127.0.0.1')
      return row
    })
    if (user?.is_active !== 1) throw new Refusal(403, 'The account is deactivated.')
    return Response.json({ ...pair, user: toUser(user) })
  }
}

function createRefresh({ writer, write, tokens }: Parts) {
  const byId = writer.prepare<SessionRow, [string]>('select * from "sessions" where "id" = ?')
  const userById = writer.prepare<UserRow, [string]>('select * from "users" where "id" = ?')
  const rotate = writer.prepare(
    `update "sessions" set "generation" = ?, "expires_at" = ?, "last_used_at" = ?, "updated_at" = ?
     where "id" = ? returning *`,
  )
  return async (request: Request): Promise<Response> => {
    const body = (await request.json()) as Record<string, unknown>
    const claims = await tokens.verifyRefresh(String(body['refresh_token']))
    const renewed = await write(() => {
      const now = new Date().toISOString()
      const session = byId.get(claims.sessionId)
      const isGood = session?.generation === claims.generation && session.expires_at > now
      const user = isGood ? userById.get(session.user_id) : undefined
      if (user?.is_active !== 1) return undefined
      const generation = claims.generation + 1
      rotate.get(generation, expiryOf(tokens), now, now, claims.sessionId)
      return { userId: user.id, sessionId: claims.sessionId, generation }
    })
    if (!renewed) throw new Refusal(401, 'The refresh token was used before.')
    return Response.json(await signPair(tokens, renewed))
  }
}
