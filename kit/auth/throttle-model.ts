import { z } from 'zod'
import { defineModel, f } from '#kit/model'

/** One attempt: when, and whether it is known to have failed; until then a place is reserved for it. */
export interface Attempt {
  readonly id: string
  readonly atMs: number
  readonly hasFailed: boolean
}

const attempt = z.strictObject({ id: z.string(), atMs: z.int(), hasFailed: z.boolean() })

/** What is counted for one key: an account or the network of an address. A row that counts nothing is removed. */
export const Throttle = defineModel('plinth_throttle', {
  table: 'plinth_throttle',
  access: { read: 'admin', write: 'admin' },
  audit: false,
  fields: {
    key: f.text({ max: 120 }).unique(),
    attempts: f.json<readonly Attempt[]>(z.array(attempt).readonly()).default([]),
    /** How often it was locked since it last was well for a day. */
    locks: f.integer({ min: 0 }).default(0),
    /** How much of a quota is used up. */
    used: f.integer({ min: 0 }).default(0),
    /** Locked until then, or, for a quota, counted anew from then. */
    until: f.instant().optional(),
  },
  indexes: [['updated_at']],
})
