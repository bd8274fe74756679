import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { eachDialect } from '#kit/testing'
import { api, type CatalogueItem, type Display, noId, openDisplay } from './fixture/display.ts'

interface Refusal {
  readonly code: string
  readonly errors: readonly { readonly path: string; readonly code: string }[]
}

const line = `PUT ${api}/admin/items/reorder`

eachDialect('the items of the display', (dialect) => {
  let display: Display
  beforeAll(async () => {
    display = await openDisplay(dialect)
  })
  afterAll(() => display.close())

  let rows: CatalogueItem[]
  const order = async (query = '') =>
    (await display.catalogue(query)).map(({ name, display_order }) => `${display_order} ${name}`)
  beforeEach(async () => {
    // The last first: then none moves up.
    for (const { id } of (await display.catalogue('?include_inactive=true')).reverse())
      await display.send('admin', `DELETE ${api}/admin/items/${id}`)
    rows = []
    for (const name of ['A', 'B', 'C', 'D']) rows.push(await display.add(name, 5))
  })
  const idOf = (name: string) => rows.find((row) => row.name === name)?.id ?? ''
  const ordersOf = (names: string) =>
    [...names].map((name, at) => ({ id: idOf(name), display_order: at + 1 }))

  test('a new one is the last; what is blank is null', async () => {
    const answer = await display.ask<CatalogueItem>('admin', `POST ${api}/admin/items`, {
      name: '  Cre\u0300me  ',
      par_level: 9999,
      brand: ' ',
      icon: '🥛',
      image_filename: 'creme-1.png',
    })
    expect([answer.status, answer.body]).toMatchObject([
      201,
      {
        name: 'Cr\u00e8me',
        brand: null,
        icon: '🥛',
        image_filename: 'creme-1.png',
        par_level: 9999,
        display_order: 5,
        active: true,
      },
    ])
    const cleared = { brand: '', icon: null, image_filename: ' ' }
    expect(await display.change(answer.body.id, cleared)).toMatchObject({
      name: 'Crème',
      brand: null,
      icon: null,
      image_filename: null,
    })
  })

  test('inactive ones come after, with the number they had; back again they are the last', async () => {
    await display.change(idOf('B'), { active: false })
    expect(await order()).toEqual(['1 A', '2 C', '3 D'])
    expect(await order('?include_inactive=true')).toEqual(['1 A', '2 C', '3 D', '2 B'])
    expect(await display.change(idOf('B'), { active: true, par_level: 7 })).toMatchObject({
      display_order: 4,
      par_level: 7,
    })
    expect(await order()).toEqual(['1 A', '2 C', '3 D', '4 B'])
    await display.add('E', 1, { active: false })
    expect(await order()).toEqual(['1 A', '2 C', '3 D', '4 B'])
  })

  test('a gone one leaves no gap', async () => {
    await display.send('admin', `DELETE ${api}/admin/items/${idOf('A')}`)
    expect(await order()).toEqual(['1 B', '2 C', '3 D'])
  })

  test('a new order is taken whole', async () => {
    const answer = await display.send<CatalogueItem[]>('admin', line, {
      item_orders: ordersOf('DBAC'),
    })
    expect(answer.map(({ name, display_order }) => [name, display_order])).toEqual([
      ['D', 1],
      ['B', 2],
      ['A', 3],
      ['C', 4],
    ])
    expect(await order()).toEqual(['1 D', '2 B', '3 A', '4 C'])
  })

  test('R4: one missing, one twice, one unknown, one inactive: all listed, order as before', async () => {
    await display.change(idOf('D'), { active: false })
    const item_orders = [
      { id: idOf('A'), display_order: 1 },
      { id: idOf('A'), display_order: 2 },
      { id: noId, display_order: 2 },
      { id: idOf('D'), display_order: 7 },
    ]
    const { status, body } = await display.ask<Refusal>('admin', line, { item_orders })
    expect([status, body.code]).toEqual([400, 'invalid'])
    expect(body.errors.map(({ path, code }) => `${path} ${code}`)).toEqual([
      'item_orders.1.id duplicate',
      'item_orders.2.id unknown',
      'item_orders.2.display_order duplicate',
      'item_orders.3.id inactive',
      'item_orders.3.display_order range',
      'item_orders missing',
      'item_orders missing',
    ])
    for (const orders of [ordersOf('AB'), [...ordersOf('ABC'), ...ordersOf('A')], []])
      expect(await display.status('admin', line, { item_orders: orders })).toBe(400)
    expect(await order()).toEqual(['1 A', '2 B', '3 C'])
  })

  test('at most a hundred are active', async () => {
    const names = Array.from({ length: 96 }, (_, at) => `Item ${at}`)
    for (const name of names) await display.add(name, 1)
    expect(
      await display.status('admin', `POST ${api}/admin/items`, { name: 'X', par_level: 1 }),
    ).toBe(409)
    const spare = await display.add('Spare', 1, { active: false })
    const path = `PUT ${api}/admin/items/${spare.id}`
    expect(await display.status('admin', path, { active: true })).toBe(409)
    await display.change(idOf('A'), { active: false })
    expect(await display.change(spare.id, { active: true })).toMatchObject({ display_order: 100 })
  })

  test('two admins change one: the later is told', async () => {
    const path = `${api}/admin/items/${idOf('A')}`
    const first = await display.app.request('admin', `PUT ${path}`, { par_level: 6 })
    const tag = { 'if-match': first.headers.get('etag') }
    const send = (body: object) => display.app.request('admin', `PUT ${path}`, body, tag)
    expect((await send({ par_level: 7 })).status).toBe(200)
    expect((await send({ active: false })).status).toBe(412)
    const removal = await display.app.request('admin', `DELETE ${path}`, undefined, tag)
    expect(removal.status).toBe(412)
    expect(await order()).toEqual(['1 A', '2 B', '3 C', '4 D'])
  })
})
