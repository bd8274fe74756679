import { fileRoutes } from '#kit/files'
import { crud } from '#kit/http'
import { defineModel, f } from '#kit/model'
import { defineTool } from '#kit/tool'
import { User } from '#tools/accounts'

/** Seen by whose it is, and by all who are signed in once it is public. */
export const Photo = defineModel('photo', {
  id: f.serial(),
  owner: { field: 'user_id', of: User },
  access: {
    read: {
      least: 'user',
      where: ({ row, actor, any }) => any(row.user_id.eq(actor.id), row.is_public.eq(true)),
    },
    write: 'owner',
  },
  fields: {
    title: f.text({ max: 40 }),
    is_public: f.boolean().default(false),
    image: f.file({ max: 100_000, types: ['image/png', 'image/jpeg', 'application/pdf'] }),
    note: f.file({ max: 1000, types: ['text/plain'] }),
  },
})

/** Goes with its photo. */
export const Print = defineModel('print', {
  id: f.serial(),
  owner: { field: 'user_id', of: User },
  access: { read: 'owner', write: 'owner' },
  fields: {
    photo_id: f.reference(Photo, { onDelete: 'cascade' }),
    scan: f.file({ max: 100_000, types: ['image/png'] }),
  },
})

const access = { read: 'user', write: 'user' } as const

export const photos = defineTool({
  name: 'photos',
  models: [Photo, Print],
  migrations: '',
  routes: [
    ...crud(Photo, { access: 'user' }),
    ...crud(Print, { access: 'user', only: ['create'] }),
    ...fileRoutes(Photo, 'image', { access }),
    ...fileRoutes(Photo, 'note', { access }),
    ...fileRoutes(Print, 'scan', { access }),
  ],
})
