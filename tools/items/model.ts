import { defineModel, f } from '#kit/model'
import { User } from '#tools/accounts'

/** A thing of the public catalogue. One without a user belongs to the house. */
export const Item = defineModel('item', {
  id: f.serial(),
  owner: { field: 'user_id', of: User, optional: true },
  access: { read: 'anyone', write: 'owner' },
  softDelete: true,
  fields: {
    name: f.text({ min: 1, max: 255, trim: true }),
  },
  // The public catalogue, and all that admins see.
  indexes: [
    ['is_active', 'created_at', 'id'],
    ['created_at', 'id'],
  ],
})
