import { toInstant } from '#kit/core'
import type { BoundRepositories } from '#kit/db'
import type { SignedIn } from '#kit/http'
import { Identity, Session } from './model.ts'

interface LogOutRequest {
  readonly db: BoundRepositories
  readonly actor: SignedIn
  readonly nowMs: () => number
}

/** Ends the session; for tokens of another issuer all that were issued until now, since only he knows his sessions. */
export async function logOut({ db, actor, nowMs }: LogOutRequest): Promise<void> {
  if (actor.subject === undefined) await db(Session).remove(actor.sessionId)
  else await db(Identity).change(actor.sessionId, { signed_out_at: toInstant(nowMs()) })
}
