import { defineModel, f } from '#kit/model'
import { User } from '#tools/accounts'
import { brandRule, iconRule, imageRule, nameRule, parRule, quantityRule } from './limits.ts'

/** A product of the display, ready to drink or eat. Those that are active stand at 1…n without gaps. */
export const RtdeItem = defineModel('rtde_item', {
  access: { read: 'staff', write: 'admin' },
  fields: {
    name: f.text(nameRule),
    brand: f.text(brandRule).optional(),
    icon: f.text(iconRule).optional(),
    /** Of a file in UPLOADS_DIR. */
    image_filename: f.text(imageRule).optional(),
    par_level: f.integer(parRule),
    display_order: f.integer({ min: 1 }).readonly(),
    active: f.boolean().default(true),
  },
  indexes: [['active', 'display_order']],
})

export const sessionStates = ['in_progress', 'completed', 'expired'] as const
export type SessionState = (typeof sessionStates)[number]

/** One round of one person. What is past `expires_at` is expired, whether that is stored yet or not. */
export const RtdeSession = defineModel('rtde_session', {
  owner: { field: 'user_id', of: User, named: true },
  access: { read: 'owner', write: 'owner' },
  fields: {
    status: f.choice(sessionStates).default('in_progress').readonly(),
    started_at: f.instant().readonly(),
    // Moves with every number that is typed: that alone is no change of the session.
    expires_at: f.instant().readonly().untracked(),
    completed_at: f.instant().optional().readonly(),
  },
  indexes: [
    { fields: ['user_id'], unique: true, where: { status: 'in_progress' } },
    ['user_id', 'started_at'],
    // What admins see.
    ['created_at', 'id'],
  ],
})

/** What was counted of one item, and whether it was fetched. The last two are frozen by the completion. */
export const RtdeCount = defineModel('rtde_count', {
  owner: { field: 'user_id', of: User },
  access: { read: 'owner', write: 'owner' },
  fields: {
    session_id: f.reference(RtdeSession, { onDelete: 'cascade' }),
    item_id: f.reference(RtdeItem, { onDelete: 'cascade' }),
    /** Null: nobody has counted it. 0: the shelf is empty. */
    counted_quantity: f.integer(quantityRule).optional(),
    is_pulled: f.boolean().default(false),
    par_level: f.integer(parRule).optional(),
    display_order: f.integer({ min: 1 }).optional(),
  },
  indexes: [{ fields: ['session_id', 'item_id'], unique: true }, ['item_id']],
})

/** The record of a completed round: what the shop knows of it. Only ever added. */
export const RtdeRestock = defineModel('rtde_restock', {
  access: { read: 'staff', write: 'staff' },
  insertOnly: true,
  fields: {
    session_id: f.reference(RtdeSession).unique().readonly(),
    user_id: f.reference(User).named().readonly(),
    completed_at: f.instant().readonly(),
    items_counted: f.integer({ min: 0 }).readonly(),
    uncounted: f.integer({ min: 0 }).readonly(),
    lines: f.integer({ min: 0 }).readonly(),
    units: f.integer({ min: 0 }).readonly(),
    lines_pulled: f.integer({ min: 0 }).readonly(),
    units_pulled: f.integer({ min: 0 }).readonly(),
  },
  indexes: [['completed_at', 'id']],
})
