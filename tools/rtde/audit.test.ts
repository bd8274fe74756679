import { afterAll, beforeAll, expect, test } from 'bun:test'
import { eachDialect } from '#kit/testing'
import { api, type CatalogueItem, type Display, openDisplay } from './fixture/display.ts'

interface Event {
  readonly type: string
  readonly tool: string
  readonly description: string
  readonly user_name: string | null
}
interface Entry {
  readonly id: string
  readonly operation: string
  readonly model: string
}

eachDialect('what feeds and the audit trail tell of rtde', (dialect) => {
  let display: Display
  let water: CatalogueItem
  let session: string
  beforeAll(async () => {
    display = await openDisplay(dialect)
    const { ana } = display
    water = await display.add('Water', 8)
    const juice = await display.add('Juice', 6)
    await display.change(water.id, { par_level: 9 })
    await display.change(water.id, { par_level: 9 })
    await display.change(water.id, { active: false })
    await display.change(water.id, { active: true })
    await display.send('admin', `PUT ${api}/admin/items/reorder`, {
      item_orders: [water, juice].map(({ id }, at) => ({ id, display_order: at + 1 })),
    })
    const fresh = await display.add('Gone', 1)
    await display.send('admin', `DELETE ${api}/admin/items/${fresh.id}`)
    session = (await ana.start()).session_id
    await ana.count(session, water.id, 2)
    await ana.pull(session, water.id)
    await ana.complete(session)
    await display.send('admin', `DELETE ${api}/admin/items/${juice.id}`)
  })
  afterAll(() => display.close())

  const feed = (who: string, path: string) => display.send<Event[]>(who, `GET ${path}`)

  test('staff read of completions, not of starts, counts and ticks', async () => {
    expect(await feed('staff-ben', '/api/activity/recent')).toMatchObject([
      {
        type: 'rtde_completed',
        tool: 'rtde',
        title: 'Display restocked',
        description: 'Fetched: 7 (lines: 1); not counted: 1',
        user_name: 'staff-ana',
      },
    ])
  })

  test('admins read of items, too: one call, one event, by whom it was', async () => {
    const events = await feed('admin', '/api/admin/activity?tool=rtde')
    expect(events.map(({ type, description }) => [type, description])).toEqual([
      ['rtde_item_deactivated', 'active: true → false'],
      ['rtde_completed', 'Fetched: 7 (lines: 1); not counted: 1'],
      ['rtde_item_deleted', 'Gone'],
      ['rtde_item_created', 'Gone'],
      ['rtde_items_reordered', '2 items moved'],
      ['rtde_item_activated', 'active: false → true; display_order: 1 → 2'],
      ['rtde_item_deactivated', 'active: true → false'],
      ['rtde_item_updated', 'par_level: 8 → 9'],
      ['rtde_item_created', 'Juice'],
      ['rtde_item_created', 'Water'],
    ])
    expect(events[1]?.user_name).toBe('staff-ana')
    const whole = await feed('admin', '/api/admin/activity')
    expect(whole.map(({ type }) => type).filter((type) => /session|count/.test(type))).toEqual([])
  })

  const entryOf = async (operation: string) => {
    const rows = await display.send<Entry[]>('admin', `GET /api/admin/audit?operation=${operation}`)
    return rows[0]?.id
  }
  const undo = async (operation: string) =>
    display.ask('admin', `POST /api/admin/audit/${await entryOf(operation)}/undo`, {
      scope: 'request',
    })

  test('a part of a completion is not undone', async () => {
    const query = 'operation=rtde.complete&limit=10'
    const entries = await display.send<Entry[]>('admin', `GET /api/admin/audit?${query}`)
    expect(entries).toHaveLength(4)
    for (const { id, model } of entries) {
      const answer = await display.ask('admin', `POST /api/admin/audit/${id}/undo`)
      expect([model, answer.status]).toEqual([model, 409])
    }
  })

  test('undone: the deletion, then the completion, whole', async () => {
    expect((await undo('admin.rtde_item.remove')).status).toBe(200)
    expect(await display.catalogue()).toHaveLength(2)
    expect((await undo('rtde.complete')).status).toBe(200)
    expect(await display.send('staff-ben', `GET ${api}/history`)).toEqual([])
    expect(await display.send('staff-ana', `GET ${api}/sessions/active`)).toMatchObject({
      session: { id: session, items_counted: 1 },
    })
    expect(await display.ana.pulls(session)).toMatchObject({ total_units: 7, items_pulled: 1 })
    expect((await display.ana.complete(session)).status).toBe(200)
  })

  test('a count, too', async () => {
    const { session_id } = await display.ben.start()
    await display.ben.count(session_id, water.id, 5)
    await display.ben.count(session_id, water.id, 50)
    expect((await undo('rtde.count')).status).toBe(200)
    expect((await display.ben.items(session_id))[0]).toMatchObject({ counted_quantity: 5 })
  })

  test('what would leave a gap in the order is refused', async () => {
    const third = await display.add('Third', 1)
    await display.add('Fourth', 1)
    const query = `model=rtde_item&row_id=${third.id}`
    const [entry] = await display.send<Entry[]>('admin', `GET /api/admin/audit?${query}`)
    const answer = await display.ask('admin', `POST /api/admin/audit/${entry?.id}/undo`)
    expect([answer.status, answer.text]).toEqual([409, expect.stringContaining('order')])
    expect(await display.catalogue()).toHaveLength(4)
  })
})
