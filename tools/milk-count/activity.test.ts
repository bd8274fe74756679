import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { eachDialect } from '#kit/testing'
import { api, openShop, type Session, type Shop } from './fixture/shop.ts'

interface Event {
  readonly type: string
  readonly tool: string
  readonly title: string
  readonly description: string
  readonly user_name: string
}

interface Entry {
  readonly id: string
  readonly operation: string
  readonly model: string
  readonly before: Readonly<Record<string, unknown>> | null
  readonly after: Readonly<Record<string, unknown>> | null
}

eachDialect('what feeds and the audit trail tell of milk-count', (dialect) => {
  let shop: Shop
  let session: Session
  const types = `${api}/admin/milk-types`

  beforeAll(async () => {
    shop = await openShop(dialect, { milks: 'table' })
  })
  afterAll(() => shop.close())

  /** What was told since, the oldest first: each test looks at what it did. */
  const told = async (who: string, path: string) => {
    const events = await shop.send<Event[]>(who, `GET ${path}`)
    return events
      .filter(({ tool }) => tool === 'milk-count')
      .map((event) => [event.type, event.description, event.user_name])
      .reverse()
  }
  const staffFeed = () => told('staff', '/api/activity/recent?limit=100')
  const adminFeed = () => told('admin', '/api/admin/activity?limit=100&tool=milk-count')

  test('staff: one event for each call that wrote something', async () => {
    session = (await shop.start('staff-ana')).body.session
    const { id } = session
    await shop.save('staff-ana', id, 'night-foh', 1)
    await shop.save('staff-ana', id, 'night-foh', 1)
    await shop.save('staff-ana', id, 'night-foh', 2)
    const first = (name: string) => (name === 'Whole' ? 3 : 1)
    await shop.save('staff-ben', id, 'night-foh', first, { correction: true })
    await shop.save('staff-ben', id, 'night-boh', 1)
    await shop.save('staff-cy', id, 'morning', 1)
    await shop.save('staff-dee', id, 'on-order', 1)
    await shop.send('admin', `POST ${api}/admin/sessions/${id}/reopen`)
    expect(await staffFeed()).toEqual([
      ['milk_count_started', '2026-01-12', 'staff-ana'],
      ['milk_count_foh', '2026-01-12: 5 milks', 'staff-ana'],
      ['milk_count_corrected', '2026-01-12: 1 milk', 'staff-ben'],
      ['milk_count_boh', '2026-01-12: 5 milks', 'staff-ben'],
      ['milk_count_morning', '2026-01-12: 5 milks', 'staff-cy'],
      ['milk_count_completed', '2026-01-12: 5 milks', 'staff-dee'],
      ['milk_count_reopened', '2026-01-12', 'admin'],
    ])
    await shop.save('staff-dee', id, 'on-order', 1)
  })

  test('admins: milk types, pars and dates, too', async () => {
    const before = (await adminFeed()).length
    const oat = await shop.milk('Oat')
    const made = await shop.send<{ id: string }>('admin', `POST ${types}`, {
      name: 'Pea',
      category: 'non_dairy',
    })
    await shop.send('admin', `PUT ${types}/${oat}`, { name: 'Oat Barista' })
    await shop.send('admin', `PUT ${types}/${oat}`, { display_order: 1 })
    await shop.send('admin', `PUT ${types}/${oat}`, { display_order: 1 })
    await shop.send('admin', `PUT ${types}/${made.id}`, { active: false })
    await shop.send('admin', `PUT ${types}/${made.id}`, { active: true })
    const rows = await shop.types()
    const item_orders = rows.map(({ id }, at) => ({ id, display_order: rows.length - at }))
    await shop.send('admin', `PUT ${types}/reorder`, { item_orders })
    await shop.send('admin', `PUT ${api}/admin/par-levels/${oat}`, { par_value: 30 })
    const body = { session_date: '2026-01-11' }
    await shop.send('admin', `PATCH ${api}/admin/sessions/${session.id}`, body)
    const events = (await adminFeed()).slice(before)
    expect(events.map(([type, description]) => [type, description])).toEqual([
      ['milk_type_created', 'Pea'],
      ['milk_type_updated', 'Oat Barista: name: Oat → Oat Barista'],
      ['milk_type_updated', 'Oat Barista: display_order: 3 → 1'],
      ['milk_type_deactivated', 'Pea: active: true → false'],
      ['milk_type_activated', 'Pea: active: false → true'],
      ['milk_types_reordered', '6 milk types moved'],
      ['milk_par_updated', 'Oat Barista: 24 → 30'],
      ['milk_count_redated', '2026-01-12 → 2026-01-11'],
    ])
    expect(events.map(([, , name]) => name)).toEqual(Array(8).fill('admin'))
    const corrected = '/api/admin/activity?type=milk_count_corrected'
    expect(await told('admin', corrected)).toHaveLength(1)
  })

  describe('the audit trail', () => {
    const entriesOf = (operation: string) =>
      shop.send<Entry[]>('admin', `GET /api/admin/audit?operation=${operation}&limit=100`)
    const undo = (id: string, body?: object) =>
      shop.ask('admin', `POST /api/admin/audit/${id}/undo`, body)

    test('has what a correction replaced', async () => {
      const entries = await entriesOf('milk_count.night_foh')
      const corrected = entries.find(({ before }) => before?.['foh_count'] === 1)
      expect(corrected).toMatchObject({ model: 'milk_entry', after: { foh_count: 3 } })
    })

    test('a completion is undone as a whole, not in part', async () => {
      const [again, ...first] = await entriesOf('milk_count.on_order')
      const [reopened] = await entriesOf('admin.milk_count.reopen')
      const state = async () => (await shop.whole(session.id)).session.status
      // It froze what was frozen already, so that the session alone was changed.
      expect([again?.model, first.length]).toEqual(['milk_session', 6])
      expect((await undo(again?.id ?? '')).status).toBe(200)
      expect(await state()).toBe('on_order')
      expect((await undo(reopened?.id ?? '')).status).toBe(200)
      expect(await state()).toBe('completed')
      for (const { id, model } of first)
        expect([model, (await undo(id)).status]).toEqual([model, 409])
      expect((await undo(first[0]?.id ?? '', { scope: 'request' })).status).toBe(200)
      const { session: row, entries } = await shop.whole(session.id)
      expect([row.status, row['on_order_by'], row['completed_at']]).toEqual([
        'on_order',
        null,
        null,
      ])
      expect(entries.map((entry) => entry['par_value'])).toEqual(Array(5).fill(null))
    })

    test('undone from the end: a reorder, and a day from its start on', async () => {
      const [reorder] = await entriesOf('admin.milk_type.reorder')
      const before = await shop.types()
      expect((await undo(reorder?.id ?? '')).status).toBe(409)
      expect((await undo(reorder?.id ?? '', { scope: 'request' })).status).toBe(200)
      expect((await shop.types()).map(({ id }) => id)).toEqual(before.map(({ id }) => id).reverse())
      shop.at('2026-01-20T21:00-08:00')
      const fresh = (await shop.start('staff-ana')).body.session
      await shop.save('staff-ana', fresh.id, 'night-foh', 1)
      const newest = async (operation: string) => (await entriesOf(operation))[0]?.id ?? ''
      expect((await undo(await newest('milk_count.start'), { scope: 'request' })).status).toBe(409)
      expect((await undo(await newest('milk_count.night_foh'))).status).toBe(409)
      const saved = await newest('milk_count.night_foh')
      expect((await undo(saved, { scope: 'request' })).status).toBe(200)
      const { session: row, entries } = await shop.whole(fresh.id)
      expect([row.status, row['night_foh_by']]).toEqual(['night_foh', null])
      expect(entries.map((entry) => entry['foh_count'])).toEqual(Array(6).fill(null))
      const begun = (await entriesOf('milk_count.start')).find(
        ({ model, after }) => model === 'milk_session' && after?.['id'] === fresh.id,
      )
      expect((await undo(begun?.id ?? '')).status).toBe(409)
      const started = await newest('milk_count.start')
      expect((await undo(started, { scope: 'request' })).status).toBe(200)
      expect((await shop.ask('staff', `GET ${api}/sessions/${fresh.id}`)).status).toBe(404)
    })
  })
})
