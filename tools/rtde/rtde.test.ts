import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { eachDialect } from '#kit/testing'
import { runSeeds } from '#kit/tool'
import { rtde } from '#tools/rtde'
import {
  api,
  type Display,
  type Item,
  openDisplay,
  type PullList,
  type Started,
} from './fixture/display.ts'

eachDialect('rtde', (dialect) => {
  let display: Display
  const open = async () => {
    display = await openDisplay(dialect)
  }
  const close = () => display.close()
  const needs = ({ pull_list }: PullList) => pull_list.map(({ need_quantity }) => need_quantity)
  const seeded = () => runSeeds([rtde], display.app.opened.context)
  const active = () => display.send('staff-ana', `GET ${api}/sessions/active`)

  describe('R1: what is to be fetched', () => {
    let ids: string[]
    let session: Started
    beforeAll(async () => {
      await open()
      ids = []
      for (const [at, par] of [8, 12, 6, 4, 5].entries())
        ids.push((await display.add(`Item ${at + 1}`, par)).id)
      session = await display.ana.start()
      for (const [at, counted] of [5, 12, 0, null, 9].entries())
        if (counted !== null) await display.ana.count(session.session_id, ids[at] ?? '', counted)
    })
    afterAll(close)

    test('the figures of the spec', async () => {
      const { session_id } = session
      const items = await display.ana.items(session_id)
      expect(items.map(({ need_quantity }) => need_quantity)).toEqual([3, 0, 6, null, 0])
      const list = await display.ana.pulls(session_id)
      expect(list.pull_list.map(({ item_id }) => item_id)).toEqual([ids[0] ?? '', ids[2] ?? ''])
      expect(list).toMatchObject({ total_items: 2, total_units: 9, items_pulled: 0, uncounted: 1 })
      const whole = await display.ana.pulls(session_id, '?include_uncounted=true')
      expect(needs(whole)).toEqual([3, 6, 4])
      expect(whole).toMatchObject({ total_items: 3, total_units: 13, uncounted: 1 })
    })

    test('a 0 stays on the list after a reload; null takes it off', async () => {
      const { session_id } = session
      expect(needs(await display.ana.pulls(session_id))).toEqual([3, 6])
      expect(needs(await display.ana.pulls(session_id))).toEqual([3, 6])
      const taken = await display.ana.count(session_id, ids[2] ?? '', null)
      expect(taken.body.item).toMatchObject({ counted_quantity: null, need_quantity: null })
      expect(await display.ana.pulls(session_id)).toMatchObject({ total_units: 3, uncounted: 2 })
      expect(await active()).toMatchObject({
        session: { id: session_id, items_counted: 3, total_items: 5 },
      })
      await display.ana.count(session_id, ids[2] ?? '', 0)
      expect(await active()).toMatchObject({
        session: { items_counted: 4 },
      })
    })

    test('a tick is counted, and taken back', async () => {
      const { session_id } = session
      const line = `PUT ${api}/sessions/${session_id}/pull`
      const ticked = await display.send<{ item: Item }>('staff-ana', line, {
        item_id: ids[0],
        is_pulled: true,
      })
      expect(ticked.item).toMatchObject({ is_pulled: true, counted_quantity: 5, need_quantity: 3 })
      expect((await display.ana.pulls(session_id)).items_pulled).toBe(1)
      await display.send('staff-ana', line, { item_id: ids[0], is_pulled: false })
      expect((await display.ana.pulls(session_id)).items_pulled).toBe(0)
    })

    test('as CSV, by format and by Accept', async () => {
      const path = `${api}/sessions/${session.session_id}/pull-list`
      await display.send('admin', `PUT ${api}/admin/items/${ids[0]}`, {
        name: '=1+1',
        brand: 'B "A"',
      })
      const lines = [
        'display_order,name,brand,counted,par,need,pulled',
        `1,'=1+1,"B ""A""",5,8,3,false`,
        '3,Item 3,,0,6,6,false',
        '4,Item 4,,,4,4,false',
        '',
      ]
      const whole = await display.app.request(
        'staff-ana',
        `GET ${path}?format=csv&include_uncounted=true`,
      )
      expect(whole.text).toBe(lines.join('\r\n'))
      expect(whole.headers.get('content-disposition')).toMatch(/^attachment; filename="pull-list-/)
      const accepted = await display.app.request('staff-ana', `GET ${path}`, undefined, {
        accept: 'text/csv',
      })
      expect(accepted.text).toBe([...lines.slice(0, 3), ''].join('\r\n'))
      const json = await display.app.request('staff-ana', `GET ${path}?format=json`, undefined, {
        accept: 'text/csv',
      })
      expect(json.body).toMatchObject({ total_items: 2 })
      expect(await display.status('staff-ana', `GET ${path}?format=xml`)).toBe(400)
    })
  })

  describe('the seed', () => {
    beforeAll(async () => {
      await open()
    })
    afterAll(close)

    test('all counted 0: 20 lines, 102 units; nothing counted: none, 20 uncounted', async () => {
      expect(await seeded()).toEqual([{ tool: 'rtde', made: 20, found: 0 }])
      const { session_id } = await display.ana.start()
      expect(await display.ana.pulls(session_id)).toMatchObject({ total_items: 0, uncounted: 20 })
      expect(await display.ana.pulls(session_id, '?include_uncounted=true')).toMatchObject({
        total_units: 102,
      })
      for (const { item_id } of await display.ana.items(session_id))
        await display.ana.count(session_id, item_id, 0)
      expect(await display.ana.pulls(session_id)).toMatchObject({
        total_items: 20,
        total_units: 102,
      })
    })

    test('again: nothing doubled, and what an admin changed does not return', async () => {
      const rows = await display.send<{ id: string; name: string }[]>(
        'admin',
        `GET ${api}/admin/items`,
      )
      expect(rows[0]).toMatchObject({ name: 'Still Water', brand: null, par_level: 8 })
      expect(rows.at(-1)).toMatchObject({ name: 'Hummus and Pitta', display_order: 20 })
      await display.send('admin', `PUT ${api}/admin/items/${rows[0]?.id}`, { name: 'Tap Water' })
      const [report] = await seeded()
      expect(report).toEqual({ tool: 'rtde', made: 0, found: 20 })
      const after = await display.send<{ name: string }[]>('admin', `GET ${api}/admin/items`)
      expect(after.map(({ name }) => name)).not.toContain('Still Water')
      expect(after).toHaveLength(20)
    })
  })

  test('a table that was emptied stays so', async () => {
    await open()
    await display.add('Own', 3)
    expect(await seeded()).toMatchObject([{ made: 0, found: 1 }])
    const [own] = await display.send<{ id: string }[]>('admin', `GET ${api}/admin/items`)
    await display.send('admin', `DELETE ${api}/admin/items/${own?.id}`)
    expect(await seeded()).toMatchObject([{ made: 0, found: 0 }])
    await close()
  })
})
