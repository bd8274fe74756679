import { describe, expect, test } from 'bun:test'
import { z } from 'zod'
import { parse } from '#kit/core'
import { f } from './fields/index.ts'
import { defineModel, type Input, type Patch, type Row } from './model.ts'
import { isChecked, toInputSchema, toPatchSchema, toRowSchema, toWire } from './schemas.ts'

const Owner = defineModel('owner', {
  owner: { field: 'id' },
  access: { read: 'owner', write: 'owner' },
  fields: { name: f.text({ max: 9 }) },
})

const Thing = defineModel('thing', {
  id: f.serial(),
  owner: { field: 'owner_id', of: Owner },
  access: { read: 'owner', write: 'owner' },
  softDelete: true,
  fields: {
    title: f.text({ min: 1, max: 9, trim: true }),
    note: f.text({ max: 9 }).optional(),
    size: f.integer().default(3),
    code: f.text({ max: 4 }).optional().readonly(),
    pin: f.text({ max: 4 }).optional().writeonly(),
    pin_hash: f.text({ max: 99 }).optional().internal(),
  },
  computed: { is_big: { field: f.boolean(), of: (row) => Number(row['size']) > 5 } },
})

const row: Row<typeof Thing> = {
  id: 1,
  owner_id: '01a1fc4b-cbf0-7435-b817-b44b0500f4e3',
  title: 'x',
  note: null,
  size: 7,
  code: 'c',
  pin: '1234',
  pin_hash: 'hash',
  is_active: true,
  created_at: '2026-03-08T09:30:00.000Z',
  updated_at: '2026-03-08T09:30:00.000Z',
}

describe('input', () => {
  test('takes public and writeonly fields, fills in defaults, trims', () => {
    const parsed = parse(toInputSchema(Thing), { title: ' x ', pin: '1234' })
    expect(parsed).toEqual({
      ok: true,
      value: { title: 'x', note: null, size: 3, pin: '1234' } as never,
    })
  })

  test('refuses what is not accepted, each by name', () => {
    const refused = [
      'id',
      'owner_id',
      'code',
      'pin_hash',
      'is_active',
      'created_at',
      'is_big',
      '__proto__x',
    ]
    const parsed = parse(toInputSchema(Thing), {
      title: 'x',
      ...Object.fromEntries(refused.map((name) => [name, 1])),
    })
    expect(parsed.ok ? [] : parsed.errors.map(({ path, code }) => `${path} ${code}`)).toEqual(
      refused.map((name) => `${name} unknown`),
    )
  })

  test('is frozen and known as checked, for its own model alone', () => {
    const value = toInputSchema(Thing).parse({ title: 'x' })
    expect(Object.isFrozen(value)).toBe(true)
    expect(isChecked(Thing, value)).toBe(true)
    expect(isChecked(Owner, value)).toBe(false)
    expect(isChecked(Thing, { ...value })).toBe(false)
  })

  test('refuses what is no object', () => {
    for (const value of [null, [], 'x', 5, undefined])
      expect(parse(toInputSchema(Thing), value).ok).toBe(false)
  })
})

describe('patch', () => {
  test('takes any of them, nulls where they are optional, and adds no default', () => {
    expect(toPatchSchema(Thing).parse({ note: null })).toEqual({ note: null })
  })
  test('refuses none at all, and null for what is required', () => {
    expect(parse(toPatchSchema(Thing), {}).ok).toBe(false)
    expect(parse(toPatchSchema(Thing), { title: null }).ok).toBe(false)
  })
})

describe('answer', () => {
  const shown = {
    id: 1,
    owner_id: row.owner_id,
    title: 'x',
    note: null,
    size: 7,
    code: 'c',
    is_active: true,
    created_at: row.created_at,
    updated_at: row.updated_at,
    is_big: true,
  }
  test('shows public, readonly and computed fields', () =>
    expect(toWire(Thing)(row)).toEqual(shown))
  test('as a schema it takes a row and shows the same', () =>
    expect(z.object({ thing: toRowSchema(Thing) }).parse({ thing: row })).toEqual({ thing: shown }))
  test('its JSON Schema lists just these', () => {
    const schema = z.toJSONSchema(toRowSchema(Thing), { io: 'output' })
    const properties = schema.$defs?.['Thing']?.['properties'] ?? {}
    expect(Object.keys(properties)).toEqual(Object.keys(shown))
  })
})

describe('types', () => {
  test('hold what the schemas hold', () => {
    const input: Input<typeof Thing> = { title: 'x' }
    const patch: Patch<typeof Thing> = { note: null }
    // @ts-expect-error the title is required
    const without: Input<typeof Thing> = {}
    // @ts-expect-error a title is not null
    const empty: Patch<typeof Thing> = { title: null }
    expect([input, patch, without, empty]).toHaveLength(4)
  })
})

describe('defineModel', () => {
  const access = { read: 'anyone', write: 'user' } as const
  const faults: [string, () => unknown, string][] = [
    [
      'a field not in snake_case',
      () => defineModel('x', { access, fields: { camelCase: f.boolean() } }),
      'snake_case',
    ],
    [
      'ownership without an owner',
      () => defineModel('x', { access: { read: 'owner', write: 'owner' }, fields: {} }),
      'needs an owner',
    ],
    [
      'a second serial',
      () => defineModel('x', { access, fields: { n: f.serial() } }),
      'Only id may be serial',
    ],
    [
      'a default of another kind',
      () => defineModel('x', { access, fields: { n: f.integer({ max: 3 }).default(4) } }),
      'default of n',
    ],
    [
      'an index on no field',
      () => defineModel('x', { access, fields: {}, indexes: [['nope']] }),
      'nope',
    ],
  ]
  for (const [name, declare, said] of faults)
    test(`refuses ${name}`, () => expect(declare).toThrow(said))

  test('knows where it was declared', () => {
    expect(Thing.source.file).toEndWith('kit/model/schemas.test.ts')
    expect(Thing.source.line).toBeGreaterThan(0)
  })

  test('indexes the newest rows of an owner', () => {
    expect(Thing.indexes[0]?.fields).toEqual(['owner_id', 'created_at', 'id'])
  })

  test('without access it does not compile', () => {
    // @ts-expect-error access is required
    expect(() => defineModel('x', { fields: {} })).toThrow('access')
  })
})
