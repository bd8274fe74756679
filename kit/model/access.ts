/** Who may: everybody; the row's owner; anyone signed in; staff (an admin is staff too); admins. */
export type Access = 'anyone' | 'owner' | 'user' | 'staff' | 'admin'

export type Role = 'user' | 'staff' | 'admin'

export const roles = ['user', 'staff', 'admin'] as const satisfies readonly Role[]

/** Who is asking. `id` and `role` are null where nobody is signed in. */
export interface Actor {
  readonly id: string | null
  readonly role: Role | null
  readonly sessionId: string | null
}

export const anonymous: Actor = Object.freeze({ id: null, role: null, sessionId: null })

const roleRank: Readonly<Record<Role, number>> = { user: 1, staff: 2, admin: 3 }
const accessRank: Readonly<Record<Access, number>> = {
  anyone: 0,
  owner: 1,
  user: 1,
  staff: 2,
  admin: 3,
}

export function isAccess(word: unknown): word is Access {
  return typeof word === 'string' && Object.hasOwn(accessRank, word)
}

/** Whether this actor passes the door; which rows he then reaches is another matter (`owner`). */
export function isAllowed(actor: Actor, access: Access): boolean {
  return (actor.role === null ? 0 : roleRank[actor.role]) >= accessRank[access]
}

/** Whether the one lets in somebody whom the other would not. */
export function isWider(access: Access, than: Access): boolean {
  return accessRank[access] < accessRank[than]
}

export interface AccessPolicy {
  readonly read: Access
  readonly write: Access
}
