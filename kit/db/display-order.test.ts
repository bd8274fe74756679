import { beforeAll, expect, test } from 'bun:test'
import { bindSystem, type Database } from '#kit/db'
import { anonymous, defineModel, f } from '#kit/model'
import { eachDialect, problemOf, refusalOf } from '#kit/testing'
import {
  assertOrdered,
  closeUp,
  lastPlace,
  listOrdered,
  listWithInactive,
  moveTo,
  type OrderedRows,
  reorder,
} from './display-order.ts'

const Shelf = defineModel('shelf', {
  table: 'shelves',
  access: { read: 'staff', write: 'admin' },
  fields: {
    display_order: f.integer({ min: 1 }),
    active: f.boolean().default(true),
  },
  indexes: [['active', 'display_order']],
})

eachDialect('rows in an order', (dialect) => {
  let database: Database
  let ids: string[]
  const shelves = (executor: Database['reader'] = database.reader) =>
    bindSystem(database, { executor, actor: anonymous, nowMs: Date.now })(Shelf)
  const within = <T>(work: (all: ReturnType<typeof shelves>) => Promise<T>) =>
    database.write('shelves', (unit) => work(shelves(unit)))
  const letters = (rows: readonly { readonly id: string }[]) =>
    rows.map(({ id }) => 'ABCD'[ids.indexOf(id)]).join('')
  const order = async () => letters(await listOrdered(shelves()))
  const switchTo = (letter: string, active: boolean, display_order?: number) =>
    within((all) =>
      all.change(ids['ABCD'.indexOf(letter)] ?? '', {
        active,
        ...(display_order === undefined ? {} : { display_order }),
      }),
    )
  const move = (letter: string, place: number) =>
    within((all) => moveTo(all, ids['ABCD'.indexOf(letter)] ?? '', place))

  beforeAll(async () => {
    database = await dialect.open([Shelf])
    const made = await within((all) =>
      all.createMany([1, 2, 3, 4].map((display_order) => ({ display_order }))),
    )
    ids = made.map(({ id }) => id)
  })

  test('one is moved, the others close up; beyond the last is the last', async () => {
    await move('A', 3)
    expect(await order()).toBe('BCAD')
    await move('B', 99)
    expect(await order()).toBe('CADB')
    await move('B', 1)
    await move('B', 1)
    expect(await order()).toBe('BCAD')
    await assertOrdered(shelves(), 'shelves')
  })

  test('one that is gone leaves no gap once the others closed up', async () => {
    await switchTo('C', false)
    expect(await refusalOf(assertOrdered(shelves(), 'shelves'))).toContain('shelves')
    await within((all) => closeUp(all))
    await assertOrdered(shelves(), 'shelves')
    expect(letters(await listWithInactive(shelves()))).toBe('BADC')
    await switchTo('C', true, await lastPlace(shelves()))
    expect(await order()).toBe('BADC')
  })

  test('a whole order, and all that is wrong with one', async () => {
    const orders = (word: string) =>
      [...word].map((letter, at) => ({
        id: ids['ABCD'.indexOf(letter)] ?? '',
        display_order: at + 1,
      }))
    await within((all) => reorder(all, orders('DCBA')))
    expect(await order()).toBe('DCBA')
    const wrong = within((all) => reorder(all, [...orders('AB'), ...orders('A')]))
    const codes = (await problemOf(wrong)).errors?.map(({ path, code }) => `${path} ${code}`)
    expect(codes).toEqual([
      'item_orders.2.id duplicate',
      'item_orders.2.display_order duplicate',
      'item_orders missing',
      'item_orders missing',
    ])
    expect(await order()).toBe('DCBA')
  })

  test('at most a hundred', async () => {
    const full: OrderedRows = {
      list: async () => ({
        rows: Array.from({ length: 100 }, (_, at) => ({
          id: String(at),
          display_order: at + 1,
          active: true,
        })),
        next: undefined,
      }),
      change: async () => undefined,
    }
    expect((await problemOf(lastPlace(full))).kind.code).toBe('conflict')
    expect(await lastPlace(shelves())).toBe(5)
  })
})
