import { defineModel, f } from '#kit/model'

/** Says that a table was filled once: what is removed from it afterwards does not come back. */
export const SeedMark = defineModel('plinth_seed', {
  access: { read: 'admin', write: 'admin' },
  audit: false,
  fields: {
    name: f.text({ max: 100 }).unique(),
  },
})
