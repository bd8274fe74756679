import { isCommonPassword, passwords } from '#kit/auth'
import { developmentAdminPassword, Problem } from '#kit/core'
import { bindSystem, type Executor } from '#kit/db'
import type { ServiceContext } from '#kit/http'
import { anonymous } from '#kit/model'
import { User } from './model.ts'
import { randomPassword } from './random-secrets.ts'

/** Tells the operator a secret that is kept nowhere: on standard error, whatever the log's level. */
export type Announce = (line: string) => void

const announceOnStderr: Announce = (line) => {
  process.stderr.write(`${line}\n`)
}

/**
 * Makes the first admin where there is none. Of several processes that start at once exactly one does.
 * Throws `unavailable` for an `ADMIN_PASSWORD` that nobody may have.
 */
export async function ensureFirstAdmin(
  context: ServiceContext,
  announce: Announce = announceOnStderr,
): Promise<void> {
  const { config, database } = context
  if (await hasAdmin(context, database.reader)) return
  const password = config.adminPassword ?? randomPassword()
  assertFit(context, password)
  const password_hash = await context.use(passwords).hash(password)
  const username = config.adminUsername
  const isMade = await database.write('accounts.first_admin', async (unit) => {
    // Looked at again: another process may have been faster.
    if (await hasAdmin(context, unit)) return false
    const users = usersOf(context, unit)
    if (await users.find({ username })) throw isTaken(username)
    await users.create({ username, role: 'admin', password_hash })
    return true
  })
  if (!isMade) return
  context.log.info({ username }, 'The first admin was made.')
  if (config.adminPassword === undefined)
    announce(`First admin: ${username}, password ${password} (shown this once; change it now).`)
}

function usersOf({ database, clock }: ServiceContext, executor: Executor) {
  return bindSystem(database, { executor, actor: anonymous, nowMs: clock.nowMs })(User)
}

async function hasAdmin(context: ServiceContext, executor: Executor): Promise<boolean> {
  return (await usersOf(context, executor).find({ role: 'admin', is_active: true })) !== undefined
}

function assertFit({ config }: ServiceContext, password: string): void {
  const isExempt = password === developmentAdminPassword && config.env !== 'production'
  if (isExempt || !isCommonPassword(password)) return
  throw new Problem(
    'unavailable',
    'ADMIN_PASSWORD: It is one of the most used passwords. Set another.',
  )
}

function isTaken(username: string): Problem {
  return new Problem(
    'unavailable',
    `ADMIN_USERNAME: There is no admin yet, and "${username}" is the name of another account. Set another.`,
  )
}
