import type { Database } from 'bun:sqlite'
import type { Write } from './commit.ts'
import { Refusal } from './refusal.ts'
import type { Claims, Tokens } from './tokens.ts'

interface UserRow {
  readonly id: string
  readonly username: string | null
  readonly email: string | null
  readonly name: string | null
  readonly partner_number: string | null
  readonly role: string
  readonly is_active: number
  readonly created_at: string
  readonly updated_at: string
  readonly last_login: string | null
  readonly password_hash: string | null
}

interface Parts {
  readonly reader: Database
  readonly writer: Database
  readonly write: Write
  readonly tokens: Tokens
}

/** Who is asking, and how one comes to be known: log-in and refresh. */
export function createAccounts({ reader, writer, write, tokens }: Parts) {
  const sessionUser = reader.prepare<{ role: string }, [string, string]>(
    `select "users"."role" from "sessions" inner join "users" on "users"."id" = "sessions"."user_id"
     where "sessions"."id" = ? and "sessions"."user_id" = ? and "users"."is_active" = 1`,
  )
  const byName = reader.prepare<UserRow, [string]>(
    'select * from "users" where lower("username") = lower(?)',
  )
  const byId = writer.prepare<UserRow, [string]>('select * from "users" where "id" = ?')
  const touchUser = writer.prepare('update "users" set "last_login" = ? where "id" = ?')
  const addSession = writer.prepare(
    `insert into "sessions" ("id", "user_id", "created_at", "updated_at", "generation", "expires_at", "last_used_at", "address")
     values (?, ?, ?, ?, 1, ?, ?, ?)`,
  )
  const rotate = writer.prepare<{ user_id: string }, [string, string, string, string, number]>(
    `update "sessions" set "generation" = "generation" + 1, "expires_at" = ?, "last_used_at" = ?, "updated_at" = ?
     where "id" = ? and "generation" = ? returning "user_id"`,
  )

  const signedIn = async (user: UserRow, sessionId: string, generation: number) =>
    Response.json({
      token: await tokens.signAccess(user.id, sessionId),
      refresh_token: await tokens.signRefresh(sessionId, generation),
      expires_in: tokens.accessSeconds,
      user: toWire(user),
    })

  const expiry = () => new Date(Date.now() + tokens.refreshSeconds * 1000).toISOString()

  return {
    /** Whose token it is, if the path names him. */
    authenticate: (request: Request, named: string): Claims | Promise<Claims> => {
      const admit = (claims: Claims): Claims => {
        if (!sessionUser.get(claims.sessionId, claims.userId))
          throw new Refusal(401, 'The session has ended.')
        if (named !== claims.userId && named !== 'me') throw new Refusal(403, 'Not your path.')
        return claims
      }
      const text = request.headers.get('authorization') ?? ''
      if (!text.startsWith('Bearer ')) throw new Refusal(401, 'A bearer token is needed.')
      const claims = tokens.verifyAccess(text.slice(7))
      return claims instanceof Promise ? claims.then(admit) : admit(claims)
    },

    login: async (request: Request): Promise<Response> => {
      const { username, password } = (await request.json()) as Record<string, unknown>
      const user = byName.get(String(username))
      const isRight = await Bun.password.verify(String(password), user?.password_hash ?? '')
      if (!user || !isRight) throw new Refusal(401, 'The name or the secret is wrong.')
      if (user.is_active !== 1) throw new Refusal(403, 'The account is deactivated.')
      const sessionId = Bun.randomUUIDv7()
      const now = new Date().toISOString()
      await write(() => {
        touchUser.run(now, user.id)
        addSession.run(sessionId, user.id, now, now, expiry(), now, '127.0.0.1')
      })
      return signedIn({ ...user, last_login: now }, sessionId, 1)
    },

    refresh: async (request: Request): Promise<Response> => {
      const body = (await request.json()) as Record<string, unknown>
      const { sessionId, generation } = await tokens.verifyRefresh(String(body['refresh_token']))
      const user = await write(() => {
        const now = new Date().toISOString()
        const session = rotate.get(expiry(), now, now, sessionId, generation)
        return session && byId.get(session.user_id)
      })
      if (!user) throw new Refusal(401, 'The refresh token was used before.')
      return signedIn(user, sessionId, generation + 1)
    },
  }
}

function toWire(user: UserRow) {
  return {
    id: user.id,
    username: user.username,
    email: user.email,
    name: user.name,
    partner_number: user.partner_number,
    role: user.role,
    is_admin: user.role === 'admin',
    is_active: user.is_active === 1,
    created_at: user.created_at,
    updated_at: user.updated_at,
    last_login: user.last_login,
  }
}
