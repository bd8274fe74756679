import { defineModel, f } from '#kit/model'

/** What became of a row. A soft removal is a `remove` that leaves an `after`. */
export const auditActions = ['create', 'change', 'remove', 'restore'] as const
export type AuditAction = (typeof auditActions)[number]

/** The head of a chain, and the checkpoint that its pruned entries left. */
export const AuditChain = defineModel('plinth_audit_chain', {
  table: 'plinth_audit_chains',
  access: { read: 'admin', write: 'admin' },
  audit: false,
  fields: {
    /** Of the newest entry. */
    seq: f.integer({ min: 0 }),
    hash: f.text({ max: 64 }),
    /** Of the newest entry that was pruned; 0 where none was. */
    pruned_seq: f.integer({ min: 0 }).default(0),
    pruned_hash: f.text({ max: 64 }),
  },
})

/**
 * One write to one row. Entries are only ever added. The entries of one chain are numbered without gaps, and each
 * carries the hash of the one before.
 */
export const AuditEntry = defineModel('plinth_audit', {
  table: 'plinth_audit',
  access: { read: 'admin', write: 'admin' },
  audit: false,
  appendOnly: {
    until: { field: 'chain', of: AuditChain, position: 'seq', mark: 'pruned_seq' },
  },
  // Its id is in the order of time, and every index makes every write dearer.
  indexNewest: false,
  fields: {
    chain: f.uuid(),
    seq: f.integer({ min: 1 }),
    /** The `seq` of the first entry of the same unit of work. */
    unit_seq: f.integer({ min: 1 }),
    /** Nobody is null: the system itself. */
    actor_id: f.text({ max: 100 }).optional(),
    session_id: f.text({ max: 100 }).optional(),
    request_id: f.text({ max: 128 }).optional(),
    /** The name of the unit of work: a route's, or a command's. */
    operation: f.text({ max: 200 }),
    action: f.choice(auditActions),
    model: f.text({ max: 100 }),
    row_id: f.text({ max: 100 }),
    /** JSON text, kept to the letter since the hash is of it: the values before; null where there was no row. */
    before: f.text({ max: 16 * 1024 * 1024 }).optional(),
    /** JSON text: the values after; null where there is no row any more. */
    after: f.text({ max: 16 * 1024 * 1024 }).optional(),
    /** The entry that this one undoes. */
    undoes: f.uuid().optional(),
    /** SHA-256 of the entry before and of all else in this one, in hexadecimal. */
    hash: f.text({ max: 64 }),
  },
  indexes: [{ fields: ['chain', 'seq'], unique: true }, { fields: ['model', 'row_id'] }],
})
