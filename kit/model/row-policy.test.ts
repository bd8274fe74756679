import { describe, expect, test } from 'bun:test'
import type { Actor } from './access.ts'
import { accessWord, isAllowed, isWider } from './access.ts'
import { fieldsIn, forRole, holds } from './evaluate-rule.ts'
import { f } from './fields/index.ts'
import { defineModel } from './model.ts'
import type { RowPolicy, Rule } from './row-policy.ts'

const fields = {
  is_public: f.boolean().default(false),
  title: f.text({ max: 9 }).optional(),
  level: f.choice(['low', 'high']),
  count: f.integer().optional(),
  at: f.instant().optional(),
  day: f.date().optional(),
  data: f.json().optional(),
  reader_id: f.uuid().optional(),
}

const Person = defineModel('person', {
  owner: { field: 'id' },
  access: { read: 'owner', write: 'owner' },
  fields: {},
})

const Paper = defineModel('paper', {
  id: f.serial(),
  owner: { field: 'writer_id', of: Person },
  access: {
    read: {
      least: 'user',
      where: ({ row, actor, any }) =>
        any(row.is_public.eq(true), row.writer_id.eq(actor.id), actor.hasRole('staff')),
    },
    write: 'owner',
  },
  fields,
})

const ada: Actor = { id: '01a1fc4b-cbf0-7435-b817-b44b0500f4e3', role: 'user', sessionId: 's' }
const now = '2026-03-08T09:30:00.000Z'

describe('a row policy', () => {
  test('is data once its model is defined', () => {
    const { read } = Paper.access as { read: RowPolicy }
    expect(JSON.parse(JSON.stringify(read))).toEqual({
      least: 'user',
      rule: {
        kind: 'any',
        rules: [
          {
            kind: 'compare',
            field: 'is_public',
            operator: 'eq',
            to: { kind: 'value', value: true },
          },
          { kind: 'compare', field: 'writer_id', operator: 'eq', to: { kind: 'actor' } },
          { kind: 'role', role: 'staff' },
        ],
      },
    })
    expect(Object.isFrozen(read.rule)).toBe(true)
    expect([...fieldsIn(read.rule)]).toEqual(['is_public', 'writer_id'])
  })

  test('passes at the door like the least word it states', () => {
    const { read } = Paper.access
    expect(accessWord(read)).toBe('user')
    expect([isWider('anyone', read), isWider('user', read), isWider(read, 'staff')]).toEqual([
      true,
      false,
      true,
    ])
    expect(isAllowed({ ...ada, id: null, role: null }, read)).toBe(false)
    expect(isAllowed(ada, read)).toBe(true)
  })

  test('is decided for a role where the role decides', () => {
    const { rule } = Paper.access.read as RowPolicy
    expect(forRole(rule, 'admin')).toEqual({ kind: 'always', holds: true })
    expect(forRole(rule, 'user')).toMatchObject({ kind: 'any', rules: [{}, {}] })
    expect(forRole({ kind: 'not', rule: { kind: 'role', role: 'user' } }, null)).toEqual({
      kind: 'always',
      holds: true,
    })
    expect(forRole({ kind: 'all', rules: [] }, null)).toEqual({ kind: 'always', holds: true })
    expect(forRole({ kind: 'any', rules: [] }, null)).toEqual({ kind: 'always', holds: false })
  })

  const least = (count: number): Rule => ({
    kind: 'compare',
    field: 'count',
    operator: 'gte',
    to: { kind: 'value', value: count },
  })
  const cases: Record<string, [Rule, unknown, boolean]> = {
    'a comparison that holds': [least(1), 1, true],
    'a comparison that does not': [least(1), 0, false],
    'a comparison with null': [least(1), null, false],
    'not of what is unknown': [{ kind: 'not', rule: least(1) }, null, false],
    'not of what is false': [{ kind: 'not', rule: least(1) }, 0, true],
    'any of true and unknown': [
      { kind: 'any', rules: [least(1), { kind: 'always', holds: true }] },
      null,
      true,
    ],
    'not all of false and unknown': [
      {
        kind: 'not',
        rule: { kind: 'all', rules: [least(1), { kind: 'always', holds: false }] },
      },
      null,
      true,
    ],
    'not any of false and unknown': [
      {
        kind: 'not',
        rule: { kind: 'any', rules: [least(1), { kind: 'always', holds: false }] },
      },
      null,
      false,
    ],
    'in nothing': [{ kind: 'not', rule: { kind: 'in', field: 'count', values: [] } }, null, true],
    'null is null': [{ kind: 'null', field: 'count' }, null, true],
  }
  for (const [name, [rule, count, expected]] of Object.entries(cases))
    test(`as SQL decides: ${name}`, () =>
      expect(holds(rule, { row: { count }, actor: ada, now })).toBe(expected))
})

type Where = Parameters<typeof defineWith>[0]
function defineWith(
  where: (parts: {
    // biome-ignore lint/suspicious/noExplicitAny: what JavaScript could pass, past the types
    row: any
    // biome-ignore lint/suspicious/noExplicitAny: the same
    [part: string]: any
  }) => unknown,
) {
  const policy = { least: 'user', where } as never
  return defineModel('odd', { id: f.serial(), access: { read: 'user', write: policy }, fields })
}

describe('a row policy that no engine could run is refused where it is declared', () => {
  const refused: Record<string, [Where, string]> = {
    'an unknown field': [({ row }) => row.nonsense.eq(1), '"nonsense", which is no field'],
    'a value of another kind': [({ row }) => row.count.eq('1'), 'which it cannot hold'],
    'a word that is no choice': [({ row }) => row.level.eq('hi'), 'which it cannot hold'],
    'null, with which nothing is equal': [({ row }) => row.count.eq(null), 'cannot hold'],
    'JSON compared': [({ row }) => row.data.eq('x'), 'cannot hold'],
    'texts in order': [({ row }) => row.title.lt('x'), 'no order'],
    'booleans in order': [({ row }) => row.is_public.gt(false), 'no order'],
    'fields of different kinds': [({ row }) => row.count.lt(row.at), 'of another kind'],
    'the actor for a number': [({ row, actor }) => row.count.eq(actor.id), 'cannot hold'],
    'the actor for a text too short for an id': [
      ({ row, actor }) => row.title.eq(actor.id),
      'cannot hold',
    ],
    'an instant for a day': [({ row, now: moment }) => row.day.lte(moment), 'cannot hold'],
    'a condition of JavaScript': [({ row }) => row.is_public === true, 'not false'],
    'a condition of JavaScript within': [
      ({ row, all }) => all(row.is_public.eq(true), true),
      'not true',
    ],
    'no rule': [() => undefined, 'not undefined'],
    'an unknown role': [({ actor }) => actor.hasRole('boss'), '"boss" is no role'],
    'the number of a row that has none yet': [({ row }) => row.id.gt(5), 'does not have yet'],
  }
  for (const [name, [where, said]] of Object.entries(refused))
    test(name, () => expect(() => defineWith(where)).toThrow(said))

  test('an unknown least role', () => {
    const read = { least: 'boss', where: () => undefined } as never
    expect(() => defineModel('odd', { access: { read, write: 'user' }, fields })).toThrow('no role')
  })
})

describe('writableBy', () => {
  test('says nothing of a field that is never accepted', () => {
    const define = () =>
      defineModel('odd', {
        access: { read: 'user', write: 'user' },
        fields: { rank: f.integer().readonly().writableBy('staff') },
      })
    expect(define).toThrow('never accepted')
  })
})

/** Never called: that it compiles only with these errors expected is the test. */
export function typesHold() {
  const access = { read: 'user', write: 'user' } as const
  // @ts-expect-error a model says who reaches its rows
  defineModel('odd', { fields })
  // @ts-expect-error both for reading and for writing
  defineModel('odd', { access: { read: 'user' }, fields })
  defineModel('odd', {
    access: {
      ...access,
      // @ts-expect-error nonsense is no field
      read: { least: 'user', where: ({ row }) => row.nonsense.eq(true) },
    },
    fields,
  })
  defineModel('odd', {
    access: {
      ...access,
      // @ts-expect-error a boolean is not compared with a text
      read: { least: 'user', where: ({ row }) => row.is_public.eq('true') },
      // @ts-expect-error nor a choice with a word that it has not
      write: { least: 'user', where: ({ row }) => row.level.in(['low', 'middle']) },
    },
    fields,
  })
  defineModel('odd', {
    access: {
      // @ts-expect-error booleans are in no order
      read: { least: 'user', where: ({ row }) => row.is_public.lt(true) },
      // @ts-expect-error JSON is not compared at all
      write: { least: 'user', where: ({ row }) => row.data.eq('x') },
    },
    fields,
  })
  defineModel('odd', {
    access: {
      // @ts-expect-error a number is not compared with an instant
      read: { least: 'user', where: ({ row }) => row.count.lt(row.at) },
      // @ts-expect-error nor with who asks
      write: { least: 'user', where: ({ row, actor }) => row.count.eq(actor.id) },
    },
    fields,
  })
  defineModel('odd', {
    access: {
      // @ts-expect-error a condition of JavaScript is no rule
      read: { least: 'user', where: ({ row }) => row.count !== undefined },
      // @ts-expect-error an owner is a matter of `owner`, not of who may try
      write: { least: 'owner', where: ({ row }) => row.is_public.eq(true) },
    },
    fields,
  })
  // @ts-expect-error users are everybody who is signed in: writable by them is no restriction
  f.integer().writableBy('user')
}
