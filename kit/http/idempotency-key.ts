import { defineModel, f } from '#kit/model'

/** The answer that a POST with an `Idempotency-Key` was given, kept to be given again. */
export const IdempotencyKey = defineModel('plinth_idempotency', {
  table: 'plinth_idempotency',
  access: { read: 'admin', write: 'admin' },
  audit: false,
  fields: {
    actor_id: f.text({ max: 100 }),
    route: f.text({ max: 200 }),
    key: f.text({ max: 255 }),
    /** HMAC-SHA-256 of the parameters and the body. */
    fingerprint: f.text({ max: 64 }),
    status: f.integer({ min: 200, max: 299 }),
    headers: f.json<Record<string, string>>().internal(),
    /** Sealed: an answer may hold a temporary password. */
    body: f.text({ max: 16 * 1024 * 1024 }).internal(),
  },
  indexes: [{ fields: ['actor_id', 'route', 'key'], unique: true }],
})
