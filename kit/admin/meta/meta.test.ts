import { expect, test } from 'bun:test'
import { z } from 'zod'
import { defineModel, f } from '#kit/model'
import { onDialect } from '#kit/testing'
import { openDepot, Parcel } from '../fixture/depot.ts'
import { fieldMeta } from './field-meta.ts'
import { formMeta } from './form-meta.ts'
import type { AdminMeta, ModelMeta } from './meta-schema.ts'

function modelOf({ models }: AdminMeta, name: string): ModelMeta {
  const found = models.find(({ model }) => model === name)
  if (!found) throw new Error(`No ${name}`)
  return found
}

onDialect('sqlite', 'the metadata', (dialect) => {
  test('says all that a console draws, from the models and the routes', async () => {
    const app = await openDepot(dialect)
    const answer = await app.request<AdminMeta>('admin', 'GET /api/admin/meta')
    const parcel = modelOf(answer.body, 'parcel')
    expect(parcel).toMatchObject({
      plural: 'parcels',
      label: 'Parcels',
      tool: 'depot',
      path: '/api/admin/parcels',
      title: 'label',
      soft_delete: true,
      toggle: null,
      wrapped_in: null,
      listed_in: 'items',
      search: true,
      csv: true,
      sorts: ['label', '-label', 'created_at', '-created_at'],
    })
    expect(parcel.columns.map(({ field, label, widget }) => [field, label, widget])).toEqual([
      ['label', 'Label', 'text'],
      ['person_id', 'Person', 'reference'],
      ['state', 'State', 'select'],
      ['is_active', 'Active', 'switch'],
      ['created_at', 'Created at', 'datetime'],
    ])
    expect(parcel.columns[1]?.reference).toEqual({ model: 'person', title: 'name', path: null })
    expect(parcel.columns[2]).toMatchObject({ choices: ['packed', 'sent'], kind: 'choice' })
    expect(parcel.filters.map(({ field, operators }) => [field, operators])).toEqual([
      ['state', ['eq', 'ne', 'in']],
      ['is_active', ['eq']],
      ['weight', ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in']],
    ])
    expect(parcel.operations).toMatchObject({
      list: { method: 'GET', path: '/api/admin/parcels' },
      change: { method: 'PATCH', path: '/api/admin/parcels/:id' },
      restore: { method: 'POST', path: '/api/admin/parcels/:id/restore' },
      bulk_delete: { method: 'POST', path: '/api/admin/parcels/bulk-delete' },
      toggle: null,
    })
    expect(parcel.actions).toEqual([
      {
        name: 'send',
        label: 'Send off',
        confirm: 'Send it off?',
        danger: false,
        one: { method: 'POST', path: '/api/admin/parcels/:id/send' },
        many: { method: 'POST', path: '/api/admin/parcels/bulk-send' },
      },
      expect.objectContaining({ name: 'burn-it', confirm: null, danger: true }),
    ])
    const created = parcel.forms.create ?? []
    expect(
      created.map(({ field, widget, required, default: value }) => [
        field,
        widget,
        required,
        value,
      ]),
    ).toEqual([
      ['label', 'text', true, null],
      ['note', 'textarea', false, null],
      ['state', 'select', false, 'packed'],
      ['weight', 'number', false, null],
      ['pin', 'password', false, null],
      ['extras', 'json', false, null],
      ['person_id', 'reference', true, null],
    ])
    expect(created[0]?.limits).toEqual({ min: 1, max: 40, pattern: null })
    expect(parcel.forms.change?.map(({ field }) => field)).not.toContain('person_id')
    const tag = modelOf(answer.body, 'tag')
    expect(tag).toMatchObject({ label: 'Labels', toggle: 'is_hot', csv: false, listed_in: null })
    expect([tag.operations['change'], tag.operations['restore'], tag.forms.change]).toEqual([
      null,
      null,
      null,
    ])
    expect(tag.columns.at(2)?.label).toBe('Hot')
    const again = await app.request('admin', 'GET /api/admin/meta', undefined, {
      'if-none-match': answer.headers.get('etag'),
    })
    expect(again.status).toBe(304)
    await app.close()
  })
})

test('a field of the form that is none of the model is drawn by its schema', () => {
  const body = z.strictObject({
    password: z.string().min(8).meta({ writeOnly: true }),
    until: z.iso.date().nullish(),
    size: z.int().min(1).max(9).default(3),
    kind: z.enum(['a', 'b']),
    parts: z.array(z.string()),
  })
  const fields = formMeta(Parcel, body, () => undefined)
  const drawn = fields.map(({ field, kind, widget, optional, required, default: value }) => [
    field,
    kind,
    widget,
    optional,
    required,
    value,
  ])
  expect(drawn).toEqual([
    ['password', 'text', 'password', false, true, null],
    ['until', 'date', 'date', true, false, null],
    ['size', 'integer', 'integer', false, false, 3],
    ['kind', 'choice', 'select', false, true, null],
    ['parts', 'json', 'json', false, true, null],
  ])
  expect(fields[2]?.limits).toEqual({ min: 1, max: 9, pattern: null })
})

test('says from which role on a field is accepted', () => {
  const model = defineModel('shelf', {
    access: { read: 'user', write: 'user' },
    fields: { size: f.integer(), rank: f.integer().optional().writableBy('staff') },
  })
  const roles = ['size', 'rank'].map((name) => fieldMeta(model, name, () => undefined)?.writable_by)
  expect(roles).toEqual([null, 'staff'])
})
