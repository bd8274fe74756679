import { type RefreshClaims, type Tokens, tokens } from '#kit/auth'
import { type Config, fromInstant, type Ids, Problem, toInstant } from '#kit/core'
import { type BoundRepositories, bindSystem, type Unit } from '#kit/db'
import { type Client, defineService, type ServiceContext, type Use } from '#kit/http'
import { anonymous } from '#kit/model'
import { Identity, Session, User } from './model.ts'

/** The tokens of a session, as they are answered. */
export interface TokenPair {
  readonly token: string
  readonly refresh_token: string
  readonly expires_in: number
}

export interface SignedSession {
  readonly id: string
  readonly userId: string
  readonly pair: TokenPair
}

/** Signs the tokens of a session that is still to be opened. */
export async function signSession(
  { use, ids }: { readonly use: Use; readonly ids: Ids },
  userId: string,
): Promise<SignedSession> {
  const id = ids.uuid()
  const claims = { sessionId: id, generation: 1 }
  return { id, userId, pair: await signPair(use(tokens), userId, claims) }
}

async function signPair(
  signing: Tokens,
  userId: string,
  claims: RefreshClaims,
): Promise<TokenPair> {
  const [token, refresh_token] = await Promise.all([
    signing.signAccess({ userId, sessionId: claims.sessionId }),
    signing.signRefresh(claims),
  ])
  return { token, refresh_token, expires_in: signing.accessSeconds }
}

export interface OpeningRequest {
  readonly system: BoundRepositories
  readonly client: Client
  readonly config: Config
  readonly nowMs: () => number
}

/** Opens the session. */
export async function openSession(
  { system, client, config, nowMs }: OpeningRequest,
  signed: SignedSession,
): Promise<TokenPair> {
  const now = nowMs()
  await system(Session).create({
    id: signed.id,
    user_id: signed.userId,
    expires_at: toInstant(now + config.refreshTokenMs),
    last_used_at: toInstant(now),
    address: client.address.slice(0, 64),
    user_agent: client.userAgent?.toWellFormed().slice(0, 300).toWellFormed() ?? null,
  })
  return signed.pair
}

/** Ends all sessions of a user; tokens of another issuer that were issued until now are good no longer. */
export async function endSessions(
  everyone: BoundRepositories,
  userId: string,
  nowMs: number,
): Promise<void> {
  await everyone.query(Session).deleteFrom('sessions').where('user_id', '=', userId).execute()
  await everyone
    .query(Identity)
    .updateTable('identities')
    .set({ signed_out_at: toInstant(nowMs) })
    .where('user_id', '=', userId)
    .execute()
}

/** Renews sessions, each by its refresh token. */
export interface SessionRenewal {
  /**
   * A new pair of tokens. A refresh token is good for one: whoever comes with an older one, or second, ends the
   * session, since one of the two has stolen it (RFC 9700, 4.14.2). Throws `unauthenticated`.
   */
  renew(refreshToken: string): Promise<TokenPair>
}

type Renewal =
  | { readonly ok: true; readonly userId: string; readonly generation: number }
  | { readonly ok: false; readonly detail: string }

/** In units of work of its own, since a session that ends must stay ended though the request is refused. */
export const sessionRenewal = defineService('session renewal', createRenewal)

function createRenewal(context: ServiceContext): SessionRenewal {
  const signing = context.use(tokens)
  return Object.freeze({
    renew: async (refreshToken: string) => {
      const claims = await signing.verifyRefresh(refreshToken)
      const renewal = await context.database.write('session.renew', (unit) =>
        renewIn(context, unit, claims),
      )
      if (!renewal.ok) throw new Problem('unauthenticated', renewal.detail)
      const { userId, generation } = renewal
      return signPair(signing, userId, { sessionId: claims.sessionId, generation })
    },
  })
}

async function renewIn(
  { database, clock, config }: ServiceContext,
  unit: Unit,
  claims: RefreshClaims,
): Promise<Renewal> {
  const system = bindSystem(database, { executor: unit, actor: anonymous, nowMs: clock.nowMs })
  const now = clock.nowMs()
  const session = await system(Session).find(claims.sessionId)
  if (!session || fromInstant(session.expires_at) <= now)
    return { ok: false, detail: 'This session has ended. Log in again.' }
  if (session.generation !== claims.generation) {
    await system(Session).remove(session.id)
    return {
      ok: false,
      detail: 'This refresh token was used before: its session has ended. Log in again.',
    }
  }
  const user = await system(User).find(session.user_id)
  if (!user?.is_active) return { ok: false, detail: 'This account is deactivated.' }
  const generation = session.generation + 1
  await system(Session).change(session.id, {
    generation,
    expires_at: toInstant(now + config.refreshTokenMs),
    last_used_at: toInstant(now),
  })
  return { ok: true, userId: user.id, generation }
}
