import { defineModel, f } from '#kit/model'
import { User } from './model.ts'

/** Somebody's picture, under his own id: rows of users are read with every request, and stay small. */
export const UserPicture = defineModel('user_picture', {
  owner: { field: 'user_id', of: User },
  access: { read: 'user', write: 'owner' },
  fields: {
    picture: f.file({
      max: 2 * 1024 * 1024,
      types: ['image/png', 'image/jpeg', 'image/webp', 'image/gif'],
    }),
  },
})
