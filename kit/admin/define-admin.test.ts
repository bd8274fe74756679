import { describe, expect, test } from 'bun:test'
import { defineModel, f } from '#kit/model'
import { type AdminOptions, defineAdmin } from './define-admin.ts'
import { Parcel, Tag } from './fixture/depot.ts'

test('is frozen, knows its place, and makes nothing that is left out', () => {
  const admin = defineAdmin(Tag, { only: ['list'] })
  expect(admin.source.file).toEndWith('kit/admin/define-admin.test.ts')
  expect(admin.routes.map(({ name, source }) => [name, source])).toEqual([
    ['admin.tag.list', admin.source],
  ])
  expect(Object.isFrozen(admin) && Object.isFrozen(admin.routes)).toBe(true)
  expect(defineAdmin(Tag, { only: [] }).routes).toEqual([])
})

test('shows and sorts by what can be, unless told otherwise', () => {
  const { columns, sort, label } = defineAdmin(Parcel)
  expect(columns).toContain('extras')
  expect(columns).not.toContain('pin')
  expect(columns).not.toContain('hash')
  expect(sort).toEqual(columns.filter((name) => name !== 'extras'))
  expect(label).toBe('Parcels')
})

test('no option says who may', () => {
  // @ts-expect-error there is no such option
  const admin = defineAdmin(Tag, { access: 'anyone' })
  expect(admin.routes.map(({ access }) => access)).toEqual(Array(6).fill('admin'))
})

describe('refuses', () => {
  const named: Readonly<Record<string, [options: AdminOptions<typeof Parcel>, said: RegExp]>> = {
    'a column that is hidden': [{ columns: ['hash'] }, /"hash" is no field that is shown/],
    'a filter by a secret': [{ filter: ['pin'] }, /"pin"/],
    'a search in what is no text': [{ search: ['state'] }, /"state" is no text/],
    'a form with what is internal': [{ form: ['person_id', 'hash'] }, /"hash" is no field that an/],
    'a form with the id': [{ form: ['person_id', 'id'] }, /"id"/],
    'a form without the owner': [{ form: ['label'] }, /lacks "person_id"/],
    'a toggle of what is no boolean': [{ toggle: 'label' }, /"label" is no boolean/],
    'an action in the place of a route': [{ actions: { restore: { label: 'X' } } }, /"restore"/],
    'an action not in kebab-case': [{ actions: { doIt: { label: 'X' } } }, /kebab-case/],
  }
  for (const [name, [options, said]] of Object.entries(named))
    test(name, () => expect(() => defineAdmin(Parcel, options)).toThrow(said))

  test('an envelope without is_active, all faults at once', () => {
    const Bare = defineModel('bare', { access: { read: 'user', write: 'user' }, fields: {} })
    const Named = defineModel('named', {
      access: { read: 'user', write: 'user' },
      fields: { name: f.text({ max: 9 }).internal() },
    })
    expect(() => defineAdmin(Bare, { envelope: true })).toThrow(/counts by "is_active"/)
    expect(() => defineAdmin(Named, { envelope: true, columns: ['name'] })).toThrow(
      /"name" is no field that is shown\. An envelope/,
    )
  })
})
