import { defineModel, f, roles } from '#kit/model'
import { emailRule, nameRule, partnerNumberRule, usernameRule } from './texts.ts'

/**
 * How a secret stands: the user's own; a temporary one that nobody has used yet; one that was used and is good for
 * nothing but being changed.
 */
export const secretStates = ['own', 'temporary', 'spent'] as const
export type SecretState = (typeof secretStates)[number]

export const User = defineModel('user', {
  owner: { field: 'id' },
  access: { read: 'owner', write: 'owner' },
  softDelete: true,
  fields: {
    username: f.text(usernameRule).optional().unique({ ignoreCase: true }),
    email: f.text(emailRule).optional().unique({ ignoreCase: true }),
    name: f.text(nameRule).optional(),
    partner_number: f.text(partnerNumberRule).optional().unique(),
    role: f.choice(roles).default('user').readonly(),
    last_login: f.instant().optional().readonly().untracked(),
    password_hash: f.text({ max: 200 }).optional().internal(),
    password_state: f.choice(secretStates).default('own').internal(),
    pin_hash: f.text({ max: 200 }).optional().internal(),
    pin_state: f.choice(secretStates).default('own').internal(),
  },
  computed: { is_admin: { field: f.boolean(), of: (row) => row['role'] === 'admin' } },
  indexes: [['role', 'is_active']],
})

/** One log-in. It ends by being removed: by log-out, by its end, or by the reuse of a refresh token. */
export const Session = defineModel('session', {
  owner: { field: 'user_id', of: User },
  access: { read: 'owner', write: 'owner' },
  // They are a record of their own, and none is ever brought back.
  audit: false,
  fields: {
    /** The how manieth refresh token is the one that is good. */
    generation: f.integer({ min: 1 }).default(1).internal(),
    expires_at: f.instant().internal(),
    last_used_at: f.instant().readonly(),
    address: f.text({ max: 64 }).readonly(),
    user_agent: f.text({ max: 300 }).optional().readonly(),
  },
  indexes: [['expires_at']],
})

/** Who a user is to another issuer, with whose tokens he comes. Its id stands for his session here: it has no other. */
export const Identity = defineModel('identity', {
  table: 'identities',
  owner: { field: 'user_id', of: User },
  access: { read: 'owner', write: 'owner' },
  fields: {
    issuer: f.text({ max: 255 }).readonly(),
    subject: f.text({ max: 255 }).readonly(),
    /** He logged out here, or was logged out: tokens that were issued up to then are good no longer. */
    signed_out_at: f.instant().optional().internal().untracked(),
  },
  indexes: [{ fields: ['issuer', 'subject'], unique: true }],
})

export const Invite = defineModel('invite', {
  access: { read: 'admin', write: 'admin' },
  fields: {
    /** SHA-256 of the code, which is shown once and kept nowhere. */
    code_hash: f.text({ max: 64 }).unique().internal(),
    role: f.choice(roles).readonly(),
    expires_at: f.instant().readonly(),
    invited_by: f.reference(User).readonly(),
    used_by: f.reference(User).optional().readonly(),
    used_at: f.instant().optional().readonly(),
  },
})
