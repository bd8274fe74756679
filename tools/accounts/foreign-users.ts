import type { ForeignClaims } from '#kit/auth'
import { type Log, Problem, parse, toInstant } from '#kit/core'
import { type BoundRepositories, bindSystem, type Unit } from '#kit/db'
import type { ServiceContext } from '#kit/http'
import { anonymous } from '#kit/model'
import { Identity, User } from './model.ts'
import { emailText, nameText } from './texts.ts'

/** How often it is tried while others make accounts with the same names. */
const attempts = 5

/**
 * Makes an account for somebody whom another issuer vouches for, unless he has one. It is never an admin's, nor one
 * that is there already, whatever the e-mail address: whoever may choose his address at the issuer would get in. Of
 * several that try at once one makes it.
 */
export async function ensureForeignUser(
  context: ServiceContext,
  claims: ForeignClaims,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const fault = await tryToMake(context, claims)
    if (fault === undefined) return
    // Somebody was faster with this identity, or with this e-mail address: another look tells.
    if (!isConflict(fault) || attempt === attempts) throw fault
  }
}

async function tryToMake(context: ServiceContext, claims: ForeignClaims): Promise<unknown> {
  const { database, clock, ids, log } = context
  const user_id = ids.uuid()
  try {
    const isMade = await database.write('accounts.foreign_user', async (unit) => {
      const system = repositoriesIn(context, unit)
      const { issuer, subject } = claims
      if (await system(Identity).find({ issuer, subject })) return false
      const now = toInstant(clock.nowMs())
      await system(User).create({
        id: user_id,
        ...(await namesFor(system, claims)),
        last_login: now,
      })
      await system(Identity).create({ user_id, issuer, subject })
      return true
    })
    if (isMade) logMade(log, user_id, claims)
    return undefined
  } catch (error) {
    return error
  }
}

function repositoriesIn({ database, clock }: ServiceContext, unit: Unit): BoundRepositories {
  return bindSystem(database, { executor: unit, actor: anonymous, nowMs: clock.nowMs })
}

/** What of his names is fit for an account here; an address that another account has is that account's. */
async function namesFor(system: BoundRepositories, claims: ForeignClaims) {
  const email = parse(emailText, claims.email)
  const name = parse(nameText, claims.name)
  const isFree = email.ok && (await system(User).find({ email: email.value })) === undefined
  return { email: isFree ? email.value : null, name: name.ok ? name.value : null }
}

function isConflict(error: unknown): boolean {
  return error instanceof Problem && error.kind.code === 'conflict'
}

function logMade(log: Log, userId: string, { issuer }: ForeignClaims): void {
  log.info({ userId, issuer }, 'An account was made for the user of another issuer.')
}
