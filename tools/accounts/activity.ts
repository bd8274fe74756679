import { type Activities, type AuditedUnit, describeChanges } from '#kit/admin'

/** Who it was done to, as far as the trail tells; the trail never holds a secret. */
function person({ writes: [first] }: AuditedUnit): string {
  const row = { ...first?.before, ...first?.after }
  const called = ['name', 'username', 'email', 'partner_number'].map((field) => row[field])
  return String(called.find((text) => typeof text === 'string') ?? `User ${first?.rowId}`)
}

function changes(unit: AuditedUnit): string {
  const [first] = unit.writes
  return first ? `User ${first.rowId}: ${describeChanges(first)}` : ''
}

function told(type: string, title: string, describe = person) {
  return { type, audience: 'admin', title, describe } as const
}

const registered = told('user_registered', 'User registered')

/** What becomes of accounts is for admins. */
export const activity: Activities = {
  'auth.register': registered,
  'auth.signup': registered,
  'auth.change_password': told('password_changed', 'Password changed'),
  'auth.change_pin': told('pin_changed', 'PIN changed'),
  'user.change_own': told('profile_changed', 'Profile changed', changes),
  'admin.user.create': told('user_created', 'User created'),
  'admin.user.change': told('user_changed', 'User changed', changes),
  'admin.user.remove': told('user_deactivated', 'User deactivated'),
  'admin.user.restore': told('user_restored', 'User restored'),
  'admin.user.reset_password': told('password_reset', 'Password reset'),
  'admin.user.reset_pin': told('pin_reset', 'PIN reset'),
  'admin.invite.create': told('invite_created', 'Invite made', invited),
}

function invited({ writes: [first] }: AuditedUnit): string {
  return `For the role ${String(first?.after?.['role'])}`
}
