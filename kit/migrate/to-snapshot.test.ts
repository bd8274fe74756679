import { describe, expect, test } from 'bun:test'
import { type AnyField, defineModel, f, type Index } from '#kit/model'
import { snapshotSchema } from './operations/schemas.ts'
import { toSnapshot } from './to-snapshot.ts'

const access = { read: 'anyone', write: 'anyone' } as const
const User = defineModel('user', { access, fields: { name: f.text({ max: 9 }) } })
const Cup = defineModel('cup', { id: f.serial(), access, fields: {} })

const thing = (
  fields: Readonly<Record<string, AnyField>>,
  indexes: readonly (
    | readonly string[]
    | (Partial<Index> & { readonly fields: readonly string[] })
  )[] = [],
  name = 'thing',
) => defineModel(name, { access, fields, indexes })

const columnsOf = (fields: Readonly<Record<string, AnyField>>) =>
  toSnapshot([thing(fields)]).tables[0]?.columns.filter(
    ({ name }) => !['id', 'created_at', 'updated_at'].includes(name),
  )

describe('toSnapshot', () => {
  test('is the same text whatever the order of models, fields and conditions', () => {
    const a = thing({ x: f.text({ max: 9 }), y: f.integer() }, [
      { fields: ['x'], where: { x: 'a', y: 1 } },
      ['y'],
    ])
    const b = thing({ y: f.integer(), x: f.text({ max: 9 }) }, [
      ['y'],
      { fields: ['x'], where: { y: 1, x: 'a' } },
    ])
    expect(JSON.stringify(toSnapshot([a, User]))).toBe(JSON.stringify(toSnapshot([User, b])))
  })

  test('knows of each column what the engines need, and comes back from JSON as it was', () => {
    const fields = {
      a_text: f.text({ max: 9, min: 2 }).unique(),
      b_default: f.json().default({ a: [1] }),
      c_null: f.text({ max: 9 }).optional(),
      d_user: f.reference(User, { onDelete: 'set null' }).optional(),
      e_cup: f.reference(Cup),
    }
    expect(columnsOf(fields)).toEqual([
      { name: 'a_text', kind: 'text', isOptional: false },
      { name: 'b_default', kind: 'json', isOptional: false, default: { a: [1] } },
      { name: 'c_null', kind: 'text', isOptional: true },
      {
        name: 'd_user',
        kind: 'uuid',
        isOptional: true,
        references: { table: 'users', onDelete: 'set null' },
      },
      {
        name: 'e_cup',
        kind: 'integer',
        isOptional: false,
        references: { table: 'cups', onDelete: 'restrict' },
      },
    ])
    const snapshot = toSnapshot([thing(fields), User, Cup])
    expect(snapshotSchema.parse(JSON.parse(JSON.stringify(snapshot)))).toStrictEqual(snapshot)
  })

  test('what the columns do not show is no part of it', () => {
    expect(columnsOf({ x: f.text({ max: 9 }).readonly() })).toEqual(
      columnsOf({ x: f.text({ max: 500, trim: true }).was('y') }) ?? [],
    )
  })

  test('names indexes after their fields, what sets them apart, and within 63 bytes', () => {
    const long = 'a_name_that_goes_on_and_on_and_on_until_it_is_too_long'
    const { indexes = [] } =
      toSnapshot([
        thing(
          { x: f.text({ max: 9 }).unique({ ignoreCase: true }), [long]: f.integer().unique() },
          [
            ['x'],
            ['x'],
            { fields: ['x'], where: { x: 'a' } },
            { fields: ['x'], where: { x: 'b' } },
          ],
        ),
      ]).tables[0] ?? {}
    const names = indexes.map(({ name }) => name)
    expect(names).toEqual([
      expect.stringMatching(/^things_a_name_that_goes_on_and_on_and_on_until_it_is_t_[0-9a-f]{8}$/),
      'things_created_at_id',
      'things_x',
      expect.stringMatching(/^things_x_[0-9a-f]{8}$/),
      expect.stringMatching(/^things_x_[0-9a-f]{8}$/),
      'things_x_unique_nocase',
    ])
    expect(Math.max(...names.map(({ length }) => length))).toBe(63)
  })

  const clashes: Readonly<Record<string, () => unknown>> = {
    'two tables': () =>
      toSnapshot([User, defineModel('person', { table: 'users', access, fields: {} })]),
    'two indexes': () =>
      toSnapshot([
        thing({ a_b: f.integer(), a: f.integer(), b: f.integer() }, [['a_b'], ['a', 'b']]),
      ]),
    'a table and an index': () =>
      toSnapshot([
        thing({ x: f.integer() }, [['x']]),
        defineModel('other', { table: 'things_x', access, fields: {} }),
      ]),
  }
  test('refuses a name that a file could not hold', () => {
    expect(() => toSnapshot([defineModel('x', { table: 'Täble', access, fields: {} })])).toThrow(
      'Must be a name',
    )
    expect(() => toSnapshot([thing({ ['x'.repeat(64)]: f.integer() })])).toThrow('Must be a name')
  })

  for (const [name, make] of Object.entries(clashes)) {
    test(`refuses one name for ${name}`, () =>
      expect(make).toThrow(/the table "users"|would be named/))
  }
})
