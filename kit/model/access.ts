import { hasRole, type Role } from './role.ts'
import type { RowPolicy, RowPolicySpec } from './row-policy.ts'

/** Who may: everybody; the row's owner; anyone signed in; staff (an admin is staff too); admins. */
export type Access = 'anyone' | 'owner' | 'user' | 'staff' | 'admin'

/** Who is asking. `id` and `role` are null where nobody is signed in. */
export interface Actor {
  readonly id: string | null
  readonly role: Role | null
  readonly sessionId: string | null
}

export const anonymous: Actor = Object.freeze({ id: null, role: null, sessionId: null })

/** The lowest role that passes; null where nobody need be signed in. */
const leastRole: Readonly<Record<Access, Role | null>> = {
  anyone: null,
  owner: 'user',
  user: 'user',
  staff: 'staff',
  admin: 'admin',
}

export function isAccess(word: unknown): word is Access {
  return typeof word === 'string' && Object.hasOwn(leastRole, word)
}

/** The word that says who may try at all: of a row policy, its `least`. */
export function accessWord(access: Access | RowPolicy): Access {
  return typeof access === 'string' ? access : access.least
}

/** Whether this actor passes the door; which rows he then reaches is another matter (`owner`, a row policy). */
export function isAllowed(actor: Actor, access: Access | RowPolicy): boolean {
  const least = leastRole[accessWord(access)]
  return least === null || hasRole(actor.role, least)
}

/** Whether the one lets in somebody whom the other would not. */
export function isWider(access: Access | RowPolicy, than: Access | RowPolicy): boolean {
  const needed = leastRole[accessWord(than)]
  return needed !== null && !hasRole(leastRole[accessWord(access)], needed)
}

/** Who reaches which rows of a model. */
export interface AccessPolicy {
  readonly read: Access | RowPolicy
  readonly write: Access | RowPolicy
}

/** As a model declares it: words, and functions of the row. */
export interface AccessSpec<Fields> {
  readonly read: Access | RowPolicySpec<Fields>
  readonly write: Access | RowPolicySpec<Fields>
}
