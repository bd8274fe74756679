export type Role = 'user' | 'staff' | 'admin'

/** The roles, each of which may do what those before it may. */
export const roles = ['user', 'staff', 'admin'] as const satisfies readonly Role[]

const rank: Readonly<Record<Role, number>> = { user: 1, staff: 2, admin: 3 }

/** Whether somebody of this role (null: nobody is signed in) has at least the other. */
export function hasRole(role: Role | null, least: Role): boolean {
  return role !== null && rank[role] >= rank[least]
}

/** For a sentence: `Only admins may set this.` */
export function nameOfRole(role: Role): string {
  return role === 'admin' ? 'admins' : role
}
