import { passwords, type ReportHeaders, throttling } from '#kit/auth'
import { toInstant } from '#kit/core'
import type { BoundRepositories } from '#kit/db'
import type { Client, Use } from '#kit/http'
import type { LoginBody } from './bodies.ts'
import { attemptKeys } from './limits.ts'
import { User } from './model.ts'
import {
  assertActive,
  logIn,
  passwordSlot,
  pinSlot,
  type SecretSlot,
  type UserRow,
  usableHash,
  wrongLogin,
} from './rules.ts'

/** A body of a log-in, its forms made one. */
interface Credentials {
  readonly where: { readonly username: string } | { readonly email: string } | Numbered
  /** As it was given: what is counted where it is nobody's. */
  readonly name: string
  readonly secret: string
  readonly slot: SecretSlot
}

interface Numbered {
  readonly partner_number: string
}

function toCredentials(body: LoginBody): Credentials {
  if ('pin' in body) {
    const where = { partner_number: body.partner_number.toUpperCase() }
    return { where, name: body.partner_number, secret: body.pin, slot: pinSlot }
  }
  const name = 'email' in body ? body.email : body.username
  // No username holds an @.
  const where = 'email' in body || name.includes('@') ? { email: name } : { username: name }
  return { where, name, secret: body.password, slot: passwordSlot }
}

/** Somebody whose secret was right. */
export interface Verified {
  readonly userId: string
  readonly slot: SecretSlot
  /** The hash that the secret was checked against. */
  readonly checked: string
}

interface LoginRequest {
  readonly system: BoundRepositories
  readonly use: Use
  readonly client: Client
  readonly addHeaders: ReportHeaders
  readonly body: LoginBody
}

/**
 * Who logs in. Throws the same for an unknown user as for a wrong secret, after the same time; that an account is
 * deactivated learns only who knows its secret.
 */
export async function verifyLogin(request: LoginRequest): Promise<Verified> {
  const { where, name, secret, slot } = toCredentials(request.body)
  const user = await request.system(User).find(where)
  const keys = attemptKeys(user ? { userId: user.id } : { unknown: name }, request.client.address)
  const hash = usableHash(user, slot)
  const found = await request
    .use(throttling)
    .guard({ keys, report: request.addHeaders }, async () => {
      const isRight = await request.use(passwords).verify(secret, hash)
      return isRight && user && hash !== null ? { user, hash } : undefined
    })
  if (!found) throw wrongLogin()
  assertActive(found.user)
  return { userId: found.user.id, slot, checked: found.hash }
}

/** Notes the log-in, in the unit of work that opens the session. */
export function recordLogin(
  { system, nowMs }: { readonly system: BoundRepositories; readonly nowMs: () => number },
  { userId, slot, checked }: Verified,
): Promise<UserRow> {
  const now = toInstant(nowMs())
  return system(User).change(userId, (user) => logIn(user, { slot, checked, now }))
}
