import type { z } from 'zod'
import { nameKey } from '#kit/core'
import { defineModel, f } from '#kit/model'
import { User } from '#tools/accounts'
import { type Category, categories } from './categories.ts'

const name = f.text({ min: 2, max: 100, trim: true, compose: true })
const category = f.choice(categories)
const code = f.text({
  min: 4,
  max: 4,
  pattern: /^[0-9]{4}$/,
  hint: 'Must be four digits.',
})

/** One box or bottle with its code written on it; no quantities. Any staff member may change any. */
export const TrackingItem = defineModel('tracking_item', {
  access: { read: 'staff', write: 'staff' },
  fields: {
    name,
    name_key: f.derived('name', nameKey),
    category,
    code: code.unique({ where: { is_removed: false } }),
    added_by: f.reference(User).readonly().named(),
    added_at: f.instant().readonly(),
    is_removed: f.boolean().default(false).readonly(),
    removed_at: f.instant().optional().readonly(),
    removed_by: f.reference(User).optional().readonly().named(),
  },
  indexes: [
    ['is_removed', 'category', 'added_at', 'id'],
    ['is_removed', 'added_at', 'id'],
    ['added_at', 'id'],
    // Suggestions: all names of a category, and of each the newest box.
    ['is_removed', 'category', 'name_key', 'added_at', 'id'],
    // The box that was last removed under a code.
    ['code', 'removed_at'],
  ],
})

/**
 * A code that is in use: by a box that is present, or reserved by somebody for some minutes. One stands for either, so
 * that one unique index decides who has a code.
 */
export const CodeClaim = defineModel('code_claim', {
  access: { read: 'staff', write: 'staff' },
  // Reservations come and go, and none is ever brought back; those of boxes go and come with them.
  audit: { where: { reserved_by: null } },
  fields: {
    code: code.unique(),
    item_id: f.reference(TrackingItem, { onDelete: 'cascade' }).optional().unique(),
    reserved_by: f.reference(User).optional(),
    expires_at: f.instant().optional(),
  },
  indexes: [['reserved_by', 'expires_at'], ['expires_at']],
})

export const actions = ['ADD', 'REMOVE', 'RESTORE', 'EDIT'] as const
export type Action = (typeof actions)[number]

/** What became of a box, with its name, code and category as they were then. */
export const TrackingHistory = defineModel('tracking_history', {
  table: 'tracking_history',
  access: { read: 'staff', write: 'staff' },
  insertOnly: true,
  fields: {
    action: f.choice(actions),
    item_id: f.reference(TrackingItem),
    item_name: name,
    item_code: code,
    category,
    user_id: f.reference(User).named(),
    timestamp: f.instant(),
    notes: f.text({ max: 500 }).optional(),
  },
  indexes: [
    ['timestamp', 'id'],
    ['user_id', 'timestamp'],
    ['item_code', 'timestamp'],
    ['category', 'timestamp'],
    ['item_id'],
  ],
})

/** A name that is suggested when a box is added. */
export const NameTemplate = defineModel('name_template', {
  access: { read: 'staff', write: 'admin' },
  fields: { name, name_key: f.derived('name', nameKey), category },
  indexes: [{ fields: ['category', 'name_key'], unique: true }],
})

export const nameSchema = name.spec.use.schema as z.ZodType<string, string>
export const categorySchema = category.spec.use.schema as z.ZodType<Category, Category>
export const codeSchema = code.spec.use.schema as z.ZodType<string, string>
