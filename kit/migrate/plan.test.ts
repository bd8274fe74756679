import { describe, expect, test } from 'bun:test'
import { type AnyField, type AnyModel, defineModel, f } from '#kit/model'
import { describeOperation } from './operation.ts'
import { planMigration } from './plan.ts'
import { toRenames } from './renames.ts'
import { emptySnapshot } from './snapshot.ts'
import { toSnapshot } from './to-snapshot.ts'

const access = { read: 'anyone', write: 'anyone' } as const
type Fields = Readonly<Record<string, AnyField>>
const thing = (
  fields: Fields,
  more: { was?: string; name?: string; id?: AnyField } = {},
): AnyModel => {
  const { name = 'thing', ...rest } = more
  return defineModel(name, { access, fields, ...rest })
}
const text = f.text({ max: 9 })
const user = defineModel('user', { access, fields: {} })

function plan(before: readonly AnyModel[], after: readonly AnyModel[]) {
  const planned = planMigration(toSnapshot(before), toSnapshot(after), toRenames(after))
  if (!planned.ok) return { errors: planned.errors.map(({ path, code }) => `${path} ${code}`) }
  const { up, down, loses } = planned.value
  return { up: up.map(describeOperation), down: down.map(describeOperation), loses }
}

type Case = readonly [
  before: readonly AnyModel[],
  after: readonly AnyModel[],
  expected: ReturnType<typeof plan>,
]
const nothing = { up: [], down: [], loses: [] }
const done = (up: readonly string[], down: readonly string[], loses: readonly string[] = []) => ({
  up: [...up],
  down: [...down],
  loses,
})
const refused = (...errors: string[]) => ({ errors })

const cases: Readonly<Record<string, Case>> = {
  'nothing changed': [[thing({ x: text })], [thing({ x: text })], nothing],
  'fields in another order': [
    [thing({ x: text, y: text })],
    [thing({ y: text, x: text })],
    nothing,
  ],
  'limits changed': [[thing({ x: text })], [thing({ x: f.text({ max: 99 }).readonly() })], nothing],
  'a new model': [[], [thing({})], done(['create_table things'], ['drop_table things'])],
  'new models that refer to one another': [
    [],
    [thing({ user_id: f.reference(user) }, { name: 'a' }), user],
    done(['create_table users', 'create_table as'], ['drop_table as', 'drop_table users']),
  ],
  'a model gone': [
    [thing({})],
    [],
    done(['drop_table things'], ['create_table things'], ['table things with its rows']),
  ],
  'a new optional field': [
    [thing({})],
    [thing({ x: text.optional() })],
    done(['add_column things.x'], ['drop_column things.x']),
  ],
  'a new field with a default, unique': [
    [thing({})],
    [thing({ x: text.default('a').unique() })],
    done(
      ['add_column things.x', 'create_index things_x_unique'],
      ['drop_index things_x_unique', 'drop_column things.x'],
    ),
  ],
  'a new required field': [[thing({})], [thing({ x: text })], refused('things.x required')],
  'every fault at once': [
    [thing({ y: text })],
    [thing({ x: text, y: f.json() })],
    refused('things.x required', 'things.y kind'),
  ],
  'a field gone': [
    [thing({ x: text.unique() })],
    [thing({})],
    done(
      ['drop_index things_x_unique', 'drop_column things.x'],
      ['add_column things.x', 'create_index things_x_unique'],
      ['column things.x with its values'],
    ),
  ],
  'a field renamed': [
    [thing({ x: text.unique() })],
    [thing({ y: text.unique().was('x') })],
    done(['rename_column things.x to y'], ['rename_column things.y to x']),
  ],
  'a rename made long ago': [[thing({ y: text })], [thing({ y: text.was('x') })], nothing],
  'a rename that takes the name of another': [
    [thing({ a: text, b: text })],
    [thing({ b: text.was('a'), c: text.was('b') })],
    done(
      ['rename_column things.b to c', 'rename_column things.a to b'],
      ['rename_column things.b to a', 'rename_column things.c to b'],
    ),
  ],
  'two that take one another’s name': [
    [thing({ a: text, b: text })],
    [thing({ b: text.was('a'), a: text.was('b') })],
    refused('things.b rename'),
  ],
  'two that were one': [
    [thing({ a: text })],
    [thing({ b: text.was('a'), c: text.was('a') })],
    refused('things.b rename', 'things.c rename'),
  ],
  'a model renamed, what refers to it too': [
    [user, thing({ user_id: f.reference(user).optional() })],
    (() => {
      const person = thing({}, { name: 'person', was: 'user' })
      return [person, thing({ user_id: f.reference(person).optional() })]
    })(),
    done(['rename_table users to persons'], ['rename_table persons to users']),
  ],
  'required with a default': [
    [thing({ x: text.optional() })],
    [thing({ x: text.default('a') })],
    done(['change_column things.x'], ['change_column things.x']),
  ],
  'required without a default': [
    [thing({ x: text.optional() })],
    [thing({ x: text })],
    refused('things.x required'),
  ],
  'a kind that loses': [
    [thing({ x: f.number() })],
    [thing({ x: f.integer() })],
    done(
      ['change_column things.x'],
      ['change_column things.x'],
      ['what stands behind the decimal point in column things.x'],
    ),
  ],
  'another kind of id': [[thing({})], [thing({}, { id: f.serial() })], refused('things.id id')],
  'another index': [
    [thing({ x: text.unique() })],
    [thing({ x: text.unique({ ignoreCase: true }) })],
    done(
      ['drop_index things_x_unique', 'create_index things_x_unique_nocase'],
      ['drop_index things_x_unique_nocase', 'create_index things_x_unique'],
    ),
  ],
}

describe('planMigration', () => {
  for (const [name, [before, after, expected]] of Object.entries(cases)) {
    test(name, () => expect(plan(before, after) as unknown).toEqual(expected))
  }

  test('says the repair with each fault', () => {
    const planned = planMigration(
      toSnapshot([thing({})]),
      toSnapshot([thing({ x: text })]),
      toRenames([]),
    )
    if (planned.ok) throw new Error('Was not refused.')
    expect(planned.errors[0]?.message).toContain('Give it .default(…), or make it .optional().')
  })

  test('from nothing makes every table with its indexes', () => {
    const planned = planMigration(emptySnapshot, toSnapshot([user]), toRenames([]))
    expect(planned).toEqual({
      ok: true,
      value: {
        up: [{ op: 'create_table', table: toSnapshot([user]).tables[0] as never }],
        down: [{ op: 'drop_table', table: 'users' }],
        loses: [],
      },
    })
  })
})
