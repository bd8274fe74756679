import { defineProblem, invalidInput, Problem } from '#kit/core'
import type { Patch, Role, Row } from '#kit/model'
import type { SecretState, User } from './model.ts'

export type UserRow = Row<typeof User>

export const mustChange = defineProblem('must_change', 403, 'Change of secret needed')

/** What a user must do before anything else; undefined where there is nothing. */
export function holdOf(secrets: {
  readonly role: Role
  readonly password: SecretState
  readonly pin: SecretState
}): Problem | undefined {
  if (secrets.password !== 'own')
    return new Problem(
      mustChange,
      'Change your temporary password first: POST /api/auth/change-password.',
    )
  // Only staff can change a PIN: whoever is staff no more would be held for ever.
  if (secrets.pin !== 'own' && secrets.role !== 'user')
    return new Problem(mustChange, 'Change your temporary PIN first: POST /api/auth/change-pin.')
  return undefined
}

/** One text for an unknown user and a wrong secret. */
export function wrongLogin(): Problem {
  return new Problem('unauthenticated', 'The name or the secret is wrong.')
}

/** Answered only to whoever knows the secret. */
export function assertActive(user: UserRow): void {
  if (!user.is_active)
    throw new Problem('forbidden', 'This account is deactivated. Ask an admin to restore it.')
}

/** What a secret is called, and where a user keeps it. */
export interface SecretSlot {
  readonly word: string
  readonly hash: 'password_hash' | 'pin_hash'
  readonly state: 'password_state' | 'pin_state'
}

export const passwordSlot: SecretSlot = Object.freeze({
  word: 'password',
  hash: 'password_hash',
  state: 'password_state',
})

export const pinSlot: SecretSlot = Object.freeze({
  word: 'PIN',
  hash: 'pin_hash',
  state: 'pin_state',
})

/** The hash that a log-in may be checked against: a temporary secret is good for one. */
export function usableHash(user: UserRow | undefined, slot: SecretSlot): string | null {
  return user && user[slot.state] !== 'spent' ? user[slot.hash] : null
}

/**
 * What a log-in changes. Throws where the secret was changed, or the temporary one used, since it was checked.
 */
export function logIn(
  user: UserRow,
  { slot, checked, now }: { slot: SecretSlot; checked: string; now: string },
): Patch<typeof User> {
  if (usableHash(user, slot) !== checked) throw wrongLogin()
  assertActive(user)
  const spent = user[slot.state] === 'temporary' ? { [slot.state]: 'spent' } : {}
  return { ...spent, last_login: now, updated_at: user.updated_at }
}

/** Puts a user's own secret in the place of the one that was checked. */
export function changeSecret(
  user: UserRow,
  { slot, checked, hash }: { slot: SecretSlot; checked: string; hash: string },
): Patch<typeof User> {
  if (user[slot.hash] !== checked)
    throw new Problem('conflict', `Your ${slot.word} was changed in the meantime. Log in again.`)
  return { [slot.hash]: hash, [slot.state]: 'own' }
}

/** Nobody may lose his last way to log in; who has no secret here signs in elsewhere. */
export function changeOwn(
  user: UserRow,
  patch: { readonly name?: string | null | undefined; readonly email?: string | null | undefined },
): Patch<typeof User> {
  const hasSecret = user.password_hash !== null || user.pin_hash !== null
  if (hasSecret) assertReachable({ ...user, ...patch })
  return patch
}

/** A user is found by at least one of his names. */
export function assertReachable(user: {
  readonly username?: string | null | undefined
  readonly email?: string | null | undefined
  readonly partner_number?: string | null | undefined
}): void {
  if (user.username || user.email || user.partner_number) return
  const message = 'A username, an e-mail address or a partner number is needed to log in.'
  throw invalidInput([{ path: 'email', code: 'required', message }])
}

/** `PASSWORD_MIN_LENGTH`, in code points. */
export function assertLongEnough(
  path: string,
  password: string | undefined,
  minLength: number,
): void {
  if (password === undefined || [...password].length >= minLength) return
  const message = `Must have at least ${minLength} characters.`
  throw invalidInput([{ path, code: 'too_small', message }])
}

/** What an admin changes of a user. */
export interface AdminPatch {
  readonly name?: string | null | undefined
  readonly email?: string | null | undefined
  readonly role?: Role | undefined
  readonly is_active?: boolean | undefined
}

/** Whether this takes an active admin away. */
export function losesAdmin(user: UserRow, patch: AdminPatch): boolean {
  if (user.role !== 'admin' || !user.is_active) return false
  return (patch.role !== undefined && patch.role !== 'admin') || patch.is_active === false
}

export function assertNotLastAdmin(activeAdmins: number): void {
  if (activeAdmins <= 1)
    throw new Problem('conflict', 'This is the last active admin: make another one first.')
}

export function assertAnyAdmin(activeAdmins: number): void {
  if (activeAdmins === 0) throw new Problem('conflict', 'No active admin would be left.')
}

export function assertNotSelf(actorId: string, userId: string): void {
  if (actorId === userId)
    throw new Problem('forbidden', 'You cannot delete your own account: ask another admin.')
}
