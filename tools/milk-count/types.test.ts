import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { bindSystem } from '#kit/db'
import { anonymous } from '#kit/model'
import { eachDialect } from '#kit/testing'
import { runSeeds } from '#kit/tool'
import { MilkType as Milk, milkCount } from '#tools/milk-count'
import { api, type MilkType, noId, openShop, type Shop } from './fixture/shop.ts'

const admin = `${api}/admin/milk-types`
const pars = `${api}/admin/par-levels`

eachDialect('milk types and par levels', (dialect) => {
  let shop: Shop
  const open = async () => {
    shop = await openShop(dialect)
  }
  const close = () => shop.close()
  const all = () => shop.send<MilkType[]>('admin', `GET ${admin}?include_inactive=true`)
  const namesOf = (types: readonly MilkType[]) => types.map(({ name }) => name)
  const orderOf = (types: readonly MilkType[]) => types.map((type) => type.display_order)
  const change = (id: string, body: object) =>
    shop.send<MilkType>('admin', `PUT ${admin}/${id}`, body)

  describe('the seed and the order', () => {
    beforeAll(open)
    afterAll(close)

    test('nine milks, in order, their pars 222 in all; once', async () => {
      const types = await shop.types()
      expect(namesOf(types)).toEqual([
        'Whole',
        'Reduced Fat 2%',
        'Skimmed',
        'Half and Half',
        'Whipping Cream',
        'Oat',
        'Almond',
        'Soy',
        'Coconut',
      ])
      expect(orderOf(types)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
      expect(types.reduce((sum, { par_value }) => sum + par_value, 0)).toBe(222)
      await change(types[0]?.id ?? '', { name: 'Full Fat' })
      const again = await runSeeds([milkCount], shop.app.opened.context)
      expect(again).toEqual([{ tool: 'milk-count', made: 0, found: 9 }])
      expect(namesOf(await shop.types())[0]).toBe('Full Fat')
      await change(types[0]?.id ?? '', { name: 'Whole' })
    })

    test('a place moves one, the others close up; beyond the last is the last', async () => {
      const soy = await shop.milk('Soy')
      expect(await change(soy, { display_order: 2, name: 'Soya' })).toMatchObject({
        display_order: 2,
        name: 'Soya',
      })
      expect(namesOf(await shop.types()).slice(0, 3)).toEqual(['Whole', 'Soya', 'Reduced Fat 2%'])
      expect(await change(soy, { display_order: 10_000 })).toMatchObject({ display_order: 9 })
      expect(namesOf(await shop.types()).slice(-2)).toEqual(['Coconut', 'Soya'])
      await change(soy, { display_order: 8, name: 'Soy' })
      expect(orderOf(await shop.types())).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    })

    test('with If-Match a name and a place are one change', async () => {
      const soy = await shop.milk('Soy')
      const first = await shop.ask<MilkType>('admin', `PUT ${admin}/${soy}`, { display_order: 7 })
      const headers = { 'if-match': first.headers.get('etag') }
      const body = { name: 'Soya', display_order: 1 }
      const done = await shop.ask<MilkType>('admin', `PUT ${admin}/${soy}`, body, headers)
      expect([done.status, done.body.display_order]).toEqual([200, 1])
      const stale = await shop.ask('admin', `PUT ${admin}/${soy}`, body, headers)
      expect([stale.status, stale.body.code]).toEqual([412, 'stale'])
      await change(soy, { name: 'Soy', display_order: 8 })
    })

    test('inactive ones keep their number and come after; active again is last', async () => {
      const oat = await shop.milk('Oat')
      expect(await change(oat, { active: false })).toMatchObject({ display_order: 6 })
      expect(orderOf(await shop.types())).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
      expect((await all()).at(-1)).toMatchObject({ name: 'Oat', display_order: 6 })
      expect(namesOf(await shop.send('admin', `GET ${admin}`))).not.toContain('Oat')
      const nowhere = await shop.ask('admin', `PUT ${admin}/${oat}`, { display_order: 1 })
      expect([nowhere.status, nowhere.body.errors[0]?.path]).toEqual([400, 'display_order'])
      expect(await change(oat, { active: true })).toMatchObject({ display_order: 9 })
      expect(await change(oat, { display_order: 6 })).toMatchObject({ display_order: 6 })
    })

    test('a reorder names every one and every place once', async () => {
      const types = await shop.types()
      const orders = types.map(({ id }, at) => ({ id, display_order: types.length - at }))
      const reorder = (item_orders: object[]) =>
        shop.ask<MilkType[]>('admin', `PUT ${admin}/reorder`, { item_orders })
      const done = await reorder(orders)
      expect([done.status, namesOf(done.body)[0]]).toEqual([200, 'Coconut'])
      const [first, second] = orders
      const wrong = await shop.ask('admin', `PUT ${admin}/reorder`, {
        item_orders: [...orders.slice(1, -1), { ...second }, { id: noId, display_order: 99 }],
      })
      expect(wrong.status).toBe(400)
      const faults = wrong.body.errors.map(({ path, code }) => `${path} ${code}`)
      expect(faults).toEqual([
        'item_orders.7.id duplicate',
        'item_orders.7.display_order duplicate',
        'item_orders.8.id unknown',
        'item_orders.8.display_order range',
        'item_orders missing',
        'item_orders missing',
      ])
      expect(first).toBeDefined()
      expect(namesOf(await shop.types())[0]).toBe('Coconut')
      await reorder(types.map(({ id }, at) => ({ id, display_order: at + 1 })))
    })

    test('a name is one whatever its case and form', async () => {
      const made = await shop.send<MilkType>('admin', `POST ${admin}`, {
        name: '  Crème  ',
        category: 'dairy',
        par_value: 5,
      })
      expect(made).toMatchObject({ name: 'Crème', display_order: 10, par_value: 5, active: true })
      for (const name of ['CRÈME', 'Cre\u0300me']) {
        const twice = await shop.ask('admin', `POST ${admin}`, { name, category: 'dairy' })
        expect([twice.status, twice.body.errors[0]]).toMatchObject([
          409,
          { path: 'name', code: 'taken' },
        ])
      }
      const oat = await shop.milk('Oat')
      const taken = await shop.ask('admin', `PUT ${admin}/${oat}`, { name: 'crème' })
      expect([taken.status, taken.body.code]).toEqual([409, 'conflict'])
      await change(made.id, { active: false })
      const still = await shop.ask('admin', `POST ${admin}`, { name: 'crème', category: 'dairy' })
      expect(still.status).toBe(409)
    })

    test('a hundred at most', async () => {
      const { length } = await shop.types()
      const { database, clock } = shop.app.opened.context
      await database.write('fill', (executor) =>
        bindSystem(database, { executor, actor: anonymous, nowMs: clock.nowMs })(Milk).createMany(
          Array.from({ length: 100 - length }, (_, at) => ({
            name: `Milk ${at}`,
            category: 'dairy' as const,
            display_order: length + at + 1,
          })),
        ),
      )
      const body = { name: 'One more', category: 'dairy' }
      expect((await shop.ask('admin', `POST ${admin}`, body)).status).toBe(409)
      const creme = (await all()).find(({ name }) => name === 'Crème')?.id ?? ''
      expect((await shop.ask('admin', `PUT ${admin}/${creme}`, { active: true })).status).toBe(409)
      const { session } = (await shop.start('staff-ana')).body
      expect((await shop.whole(session.id)).entries).toHaveLength(100)
      expect((await shop.save('staff-ana', session.id, 'night-foh', 1)).status).toBe(200)
    }, 30_000)
  })

  describe('par levels', () => {
    beforeAll(open)
    afterAll(close)

    test('who set it, and when; the same par again is nobody’s', async () => {
      const whole = await shop.milk('Whole')
      const levels = await shop.send<object[]>('admin', `GET ${pars}`)
      expect(levels).toHaveLength(9)
      expect(levels[0]).toEqual({
        milk_type_id: whole,
        milk_type_name: 'Whole',
        milk_type_category: 'dairy',
        par_value: 48,
        updated_at: null,
        updated_by: null,
        updated_by_name: null,
      })
      await shop.send('admin', `PUT ${pars}/${whole}`, { par_value: 48 })
      expect((await shop.send<object[]>('admin', `GET ${pars}`))[0]).toEqual(levels[0] as object)
      const set = await shop.send('admin', `PUT ${pars}/${whole}`, { par_value: 50 })
      expect(set).toMatchObject({
        par_value: 50,
        updated_at: '2026-01-13T05:00:00.000Z',
        updated_by: (await shop.app.as('admin')).id,
        updated_by_name: 'admin',
      })
      expect((await shop.send<object[]>('admin', `GET ${pars}`))[0]).toEqual(set as object)
    })

    test('of inactive types, too, which are not listed', async () => {
      const oat = await shop.milk('Oat')
      await change(oat, { active: false })
      expect(await shop.send('admin', `PUT ${pars}/${oat}`, { par_value: 1 })).toMatchObject({
        milk_type_name: 'Oat',
        par_value: 1,
      })
      expect(await shop.send<object[]>('admin', `GET ${pars}`)).toHaveLength(8)
    })
  })
})
