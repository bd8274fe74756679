import { sql } from 'kysely'
import {
  type ForeignClaims,
  type ForeignTokens,
  foreignTokens,
  isWrongSignature,
  mayBeOurs,
} from '#kit/auth'
import { fromInstant, Problem } from '#kit/core'
import type { Awaitable, Database, Statement } from '#kit/db'
import type { Authenticated, ServiceContext } from '#kit/http'
import type { Role } from '#kit/model'
import { ensureForeignUser } from './foreign-users.ts'

/** Knows who a token speaks for. */
export type Authenticate = (token: string) => Awaitable<Authenticated>

/**
 * For tokens that are not remembered as ours: those of the issuer that the configuration names, and `own` for all
 * others. Just `own` where it names none.
 */
export function besideForeign(context: ServiceContext, own: Authenticate): Authenticate {
  const foreign = context.use(foreignTokens)
  return foreign === undefined ? own : createForeign(context, foreign, own)
}

function createForeign(
  context: ServiceContext,
  foreign: ForeignTokens,
  own: Authenticate,
): Authenticate {
  const lookUp = createLookUp(context.database)
  const admit = async (claims: ForeignClaims) => {
    const found = await lookUp(claims)
    if (found !== undefined) return toAuthenticated(claims, found)
    await ensureForeignUser(context, claims)
    return toAuthenticated(claims, await lookUp(claims))
  }
  return async (token) => {
    const known = foreign.recall(token)
    if (known !== undefined) return admit(known)
    if (!mayBeOurs(token)) return admit(await foreign.verify(token))
    try {
      return await own(token)
    } catch (error) {
      // Which key signed it says whose it is, and nothing that it says of itself.
      if (!foreign.sharesAlgorithm || !isWrongSignature(error)) throw error
      return admit(await foreign.verify(token))
    }
  }
}

interface LookedUp {
  readonly user_id: string
  readonly role: Role
  readonly is_active: number
  readonly identity_id: string
  readonly signed_out_at: string | null
}

type LookUp = (claims: ForeignClaims) => Promise<LookedUp | undefined>

/** The user with this identity: anew for each request, since it may have changed a moment ago. */
function createLookUp(database: Database): LookUp {
  const statement = compileLookUp(database)
  return async ({ issuer, subject }) => {
    const [row] = await database.reader.all(statement, [issuer, subject])
    return row as LookedUp | undefined
  }
}

/** Its values: issuer, subject. */
function compileLookUp({ dialect }: Database): Statement {
  const { sql: text } = dialect.compiler
    .selectFrom('identities')
    .innerJoin('users', 'users.id', 'identities.user_id')
    .where('identities.issuer', '=', '')
    .where('identities.subject', '=', '')
    .select(['identities.user_id', 'identities.id as identity_id', 'identities.signed_out_at'])
    .select([
      'users.role',
      sql<number>`case when users.is_active then 1 else 0 end`.as('is_active'),
    ])
    .compile()
  return Object.freeze({ sql: text, slots: Object.freeze(['issuer', 'subject']) })
}

/** His secrets here, should he have any, hold him not up: he came with none of them. */
function toAuthenticated(claims: ForeignClaims, row: LookedUp | undefined): Authenticated {
  if (!row) throw new Problem('unauthenticated', 'This account does not exist any more.')
  if (row.is_active !== 1) throw new Problem('unauthenticated', 'This account is deactivated.')
  assertNotSignedOut(claims, row)
  const { user_id: id, role, identity_id: sessionId } = row
  return { actor: { id, role, sessionId, subject: claims.subject } }
}

function assertNotSignedOut({ issuedAtMs }: ForeignClaims, { signed_out_at }: LookedUp): void {
  if (signed_out_at === null) return
  if (issuedAtMs === undefined)
    throw new Problem(
      'unauthenticated',
      'You have logged out, and the token does not say whether it was issued since (iat).',
    )
  if (issuedAtMs <= fromInstant(signed_out_at))
    throw new Problem(
      'unauthenticated',
      'This token was issued before you logged out. Get a new one from its issuer.',
    )
}
