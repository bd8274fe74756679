import type { SQL } from 'bun'
import type { Caller } from '../engine.ts'
import { Refusal } from '../refusal.ts'
import { expiryOf, signPair, type Tokens } from '../tokens.ts'
import { bearerOf, toUser, type UserRow } from '../wire.ts'

interface CallerRow {
  readonly role: string
  readonly is_active: number
  readonly session_id: string | null
}

/** Who is asking, and log-in. Refreshing is not measured on this engine. */
export function createAccounts(sql: SQL, tokens: Tokens) {
  return {
    authenticate: createAuthenticate(sql, tokens),
    login: createLogin(sql, tokens),
    refresh: () => {
      throw new Refusal(404, 'There is no refreshing here.')
    },
  }
}

/** Whose token it is: one statement a request. */
function createAuthenticate(sql: SQL, tokens: Tokens) {
  return async (request: Request): Promise<Caller> => {
    const verified = tokens.verifyAccess(bearerOf(request))
    const claims = verified instanceof Promise ? await verified : verified
    const [row] = await sql<CallerRow[]>`
      select "users"."role", "users"."password_state", "users"."pin_state", "sessions"."id" as "session_id",
        case when "users"."is_active" then 1 else 0 end as "is_active"
      from "users" left join "sessions" on "sessions"."user_id" = "users"."id"
        and "sessions"."id" = ${claims.sessionId} and "sessions"."expires_at" > ${new Date().toISOString()}
      where "users"."id" = ${claims.userId}`
    if (row?.is_active !== 1 || row.session_id === null)
      throw new Refusal(401, 'The session has ended.')
    return { userId: claims.userId, role: row.role }
  }
}

function createLogin(sql: SQL, tokens: Tokens) {
  return async (request: Request): Promise<Response> => {
    const { username, password } = (await request.json()) as Record<string, unknown>
    const [found] = await sql<UserRow[]>`
      select * from "users" where lower("username" collate "C") = lower(${String(username)} collate "C")`
    const isRight = await Bun.password.verify(String(password), found?.password_hash ?? '')
    if (!found || !isRight) throw new Refusal(401, 'The name or the secret is wrong.')
    const sessionId = Bun.randomUUIDv7()
    const pair = await signPair(tokens, { userId: found.id, sessionId, generation: 1 })
    const now = new Date().toISOString()
    await sql.begin(async (unit) => {
      await unit`update "users" set "last_login" = ${now} where "id" = ${found.id}`
      await unit`
        insert into "sessions" ("id", "user_id", "created_at", "updated_at", "generation", "expires_at", "last_used_at", "address")
        values (${sessionId}, ${found.id}, ${now}, ${now}, 1, ${expiryOf(tokens)}, ${now}, '127.0.0.1')`
    })
    return Response.json({ ...pair, user: toUser({ ...found, last_login: now }) })
  }
}
