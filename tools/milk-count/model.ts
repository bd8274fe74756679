import { nameKey } from '#kit/core'
import { defineModel, f } from '#kit/model'
import { User } from '#tools/accounts'
import { categories, methods, states } from './phases.ts'

export const nameRule = { min: 1, max: 50, trim: true, compose: true } as const
export const countRule = { min: 0, max: 9999 } as const

/** A kind of milk, and how much of it there should be. Never deleted, since old sessions tell of it. */
export const MilkType = defineModel('milk_type', {
  access: { read: 'staff', write: 'admin' },
  fields: {
    name: f.text(nameRule),
    name_key: f.derived('name', nameKey).unique(),
    category: f.choice(categories),
    /** Active ones stand at 1…n without gaps. */
    display_order: f.integer({ min: 1 }).readonly(),
    active: f.boolean().default(true),
    par_value: f.integer(countRule).default(0),
    par_updated_at: f.instant().optional().readonly(),
    par_updated_by: f.reference(User).optional().readonly().named(),
  },
  indexes: [['active', 'display_order']],
})

const somebody = f.reference(User).readonly().named()
const at = f.instant().readonly()

/** The count of one business day, for the whole shop. `status` is the phase that is due. */
export const MilkSession = defineModel('milk_session', {
  access: { read: 'staff', write: 'staff' },
  fields: {
    session_date: f.date().unique(),
    status: f.choice(states).default('night_foh').readonly(),
    started_at: at,
    started_by: somebody,
    night_foh_by: somebody.optional(),
    night_foh_saved_at: at.optional(),
    night_boh_by: somebody.optional(),
    night_boh_saved_at: at.optional(),
    morning_by: somebody.optional(),
    morning_saved_at: at.optional(),
    on_order_by: somebody.optional(),
    on_order_saved_at: at.optional(),
    completed_at: at.optional(),
  },
  indexes: [
    ['status', 'started_at', 'id'],
    ['status', 'completed_at', 'id'],
  ],
})

const count = f.integer(countRule).optional()

/** What a session knows of one milk type. The last four are frozen by the completion. */
export const MilkEntry = defineModel('milk_entry', {
  table: 'milk_entries',
  access: { read: 'staff', write: 'staff' },
  fields: {
    session_id: f.reference(MilkSession, { onDelete: 'cascade' }).readonly(),
    milk_type_id: f.reference(MilkType).readonly(),
    foh_count: count,
    boh_count: count,
    morning_method: f.choice(methods).optional(),
    current_boh: count,
    delivered: count,
    on_order: count,
    par_value: count.readonly(),
    type_name: f.text(nameRule).optional().readonly(),
    type_category: f.choice(categories).optional().readonly(),
    type_order: f.integer({ min: 1 }).optional().readonly(),
  },
  indexes: [{ fields: ['session_id', 'milk_type_id'], unique: true }, ['milk_type_id']],
})
