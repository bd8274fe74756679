import { sql } from 'kysely'
import { type AccessClaims, tokens } from '#kit/auth'
import { Problem, toInstant } from '#kit/core'
import { bindSystem, type ColumnRow, type Database, type Statement } from '#kit/db'
import {
  type Authenticated,
  type Authenticator,
  defineService,
  type ServiceContext,
} from '#kit/http'
import { anonymous, type Role } from '#kit/model'
import { besideForeign } from './foreign-authenticator.ts'
import { Identity, type SecretState, Session, User } from './model.ts'
import { holdOf } from './rules.ts'

/** Knows who a bearer token speaks for: one statement a request, since what it reads may have changed a moment ago. */
export const authenticator = defineService('authenticator', createAuthenticator)

function createAuthenticator(context: ServiceContext): Authenticator {
  const { database, clock } = context
  const { recallAccess, verifyAccess } = context.use(tokens)
  const statement = compileLookUp(database)
  const touch = createTouch(context)
  const find = (claims: AccessClaims) => {
    const values = [claims.sessionId, toInstant(clock.nowMs()), claims.userId]
    const rows = database.reader.all(statement, values)
    return rows instanceof Promise
      ? rows.then(([row]) => admit(claims, row))
      : admit(claims, rows[0])
  }
  const admit = (claims: AccessClaims, row: ColumnRow | undefined) => {
    const authenticated = toAuthenticated(claims, row as LookedUp | undefined)
    touch(claims.sessionId)
    return authenticated
  }
  const authenticateNew = besideForeign(context, async (token) => find(await verifyAccess(token)))
  return Object.freeze({
    mayEnd,
    authenticate: (token: string) => {
      const claims = recallAccess(token)
      return claims === undefined ? authenticateNew(token) : find(claims)
    },
  })
}

/** A user who was changed or is gone, a session that has ended. */
const mayEnd: NonNullable<Authenticator['mayEnd']> = ({ model, action, id }) => {
  if (model === User.name && action !== 'create')
    return (actor) => id === undefined || actor.id === id
  if (model === Session.name && action === 'remove')
    return ({ sessionId }) => id === undefined || sessionId === id
  // He may have logged out: his identity is what stands for his session.
  if (model === Identity.name && action !== 'create')
    return ({ sessionId }) => id === undefined || sessionId === id
  return undefined
}

interface LookedUp {
  readonly role: Role
  readonly is_active: number
  readonly password_state: SecretState
  readonly pin_state: SecretState
  readonly session_id: string | null
}

/** The user, and his session if it is alive. Its values: session, now, user. */
function compileLookUp({ dialect }: Database): Statement {
  const { sql: text } = dialect.compiler
    .selectFrom('users')
    .where('users.id', '=', '')
    .select(['users.role', 'users.password_state', 'users.pin_state'])
    .select((eb) => [
      // A join would be prepared anew at each run: SQLite plans it by the values that are bound.
      eb
        .selectFrom('sessions')
        .whereRef('sessions.user_id', '=', 'users.id')
        .where('sessions.id', '=', '')
        .where('sessions.expires_at', '>', '')
        .select('sessions.id')
        .as('session_id'),
      // A number on both engines, one of which knows no booleans.
      sql<number>`case when users.is_active then 1 else 0 end`.as('is_active'),
    ])
    .compile()
  return Object.freeze({ sql: text, slots: Object.freeze(['session', 'now', 'user']) })
}

function toAuthenticated(claims: AccessClaims, row: LookedUp | undefined): Authenticated {
  if (!row) throw new Problem('unauthenticated', 'This account does not exist any more.')
  if (row.is_active !== 1) throw new Problem('unauthenticated', 'This account is deactivated.')
  if (row.session_id === null)
    throw new Problem('unauthenticated', 'This session has ended. Log in again.')
  const { role, password_state: password, pin_state: pin } = row
  const actor = { id: claims.userId, role, sessionId: claims.sessionId }
  const isOwn = password === 'own' && pin === 'own'
  return isOwn ? { actor } : { actor, hold: holdOf({ role, password, pin }) }
}

const touchEveryMs = 60_000
const remembered = 10_000

/** Notes when a session was last used: at most once a minute, and behind the request's back. */
function createTouch({ database, clock, log }: ServiceContext): (sessionId: string) => void {
  const touchedMs = new Map<string, number>()
  const write = (sessionId: string, now: number) =>
    database.write('session.touch', async (unit) => {
      await bindSystem(database, { executor: unit, actor: anonymous, nowMs: clock.nowMs })
        .query(Session)
        .updateTable('sessions')
        .set({ last_used_at: toInstant(now) })
        .where('id', '=', sessionId)
        .execute()
    })
  return (sessionId) => {
    const now = clock.nowMs()
    if (now - (touchedMs.get(sessionId) ?? 0) < touchEveryMs) return
    touchedMs.delete(sessionId)
    const oldest = touchedMs.size >= remembered ? touchedMs.keys().next().value : undefined
    if (oldest !== undefined) touchedMs.delete(oldest)
    touchedMs.set(sessionId, now)
    write(sessionId, now).catch((error: unknown) => {
      log.debug({ err: error }, 'The time of use of a session was not noted.')
    })
  }
}
