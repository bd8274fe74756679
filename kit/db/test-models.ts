import { defineModel, f } from '#kit/model'

/** Models that the tests of this part share. */
export const Person = defineModel('person', {
  table: 'people',
  owner: { field: 'id' },
  access: { read: 'owner', write: 'owner' },
  fields: {
    name: f.text({ max: 80 }).unique({ ignoreCase: true }),
    secret_hash: f.text({ max: 80 }).optional().internal(),
  },
})

export const Note = defineModel('note', {
  id: f.serial(),
  owner: { field: 'person_id', of: Person },
  access: { read: 'owner', write: 'owner' },
  softDelete: true,
  fields: {
    title: f.text({ min: 1, max: 20 }),
    is_done: f.boolean().default(false),
    due_at: f.instant().optional(),
    tags: f.json().optional(),
    rank: f.integer().optional(),
  },
})

export const Link = defineModel('link', {
  id: f.serial(),
  owner: { field: 'person_id', of: Person },
  access: { read: 'owner', write: 'owner' },
  fields: {
    note_id: f.reference(Note),
    code: f.text({ max: 9 }).optional().unique(),
  },
})

export const Notice = defineModel('notice', {
  access: { read: 'anyone', write: 'admin' },
  fields: { text: f.text({ max: 200 }) },
})

export const models = [Person, Note, Link, Notice]
