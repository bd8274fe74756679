import { defineModel, f } from '#kit/model'
import { User } from '#tools/accounts'

export const Task = defineModel('task', {
  id: f.serial(),
  owner: { field: 'user_id', of: User },
  access: { read: 'owner', write: 'owner' },
  fields: {
    title: f.text({ min: 1, max: 200, trim: true }),
    description: f.text({ max: 1000 }).optional(),
    completed: f.boolean().default(false),
  },
  indexes: [['user_id', 'completed', 'created_at', 'id']],
})
