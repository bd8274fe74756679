import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { eachDialect } from '#kit/testing'
import { api, type Display, openDisplay } from './fixture/display.ts'

interface Restock {
  readonly id: string
  readonly session_id: string
  readonly user_name: string | null
  readonly completed_at: string
}

eachDialect('completing a round', (dialect) => {
  let display: Display
  let ids: string[]
  let session: string
  beforeAll(async () => {
    display = await openDisplay(dialect)
    ids = []
    for (const [at, par] of [8, 12, 6, 4, 5].entries())
      ids.push((await display.add(`Item ${at + 1}`, par)).id)
    const { ana } = display
    session = (await ana.start()).session_id
    for (const [at, counted] of [5, 12, 0, null, 9].entries())
      if (counted !== null) await ana.count(session, ids[at] ?? '', counted)
    await ana.pull(session, ids[0] ?? '')
    await ana.pull(session, ids[3] ?? '')
    display.at('10:20:00')
  })
  afterAll(() => display.close())

  const history = (query = '') => display.send<Restock[]>('staff-ben', `GET ${api}/history${query}`)

  test('R4: once; who was it, is told to all', async () => {
    const done = await display.ana.complete(session)
    expect([done.status, done.body]).toMatchObject([
      200,
      { session: { id: session, status: 'completed', completed_at: '2026-03-02T10:20:00.000Z' } },
    ])
    const again = await display.ana.complete(session)
    expect([again.status, again.body]).toMatchObject([
      409,
      { code: 'conflict', completed_at: '2026-03-02T10:20:00.000Z' },
    ])
    expect(await display.send('staff-ben', `GET ${api}/sessions/last-completed`)).toEqual({
      last_completed_at: '2026-03-02T10:20:00.000Z',
      user_name: 'staff-ana',
    })
    expect(await history()).toMatchObject([
      {
        session_id: session,
        user_name: 'staff-ana',
        items_counted: 4,
        uncounted: 1,
        lines: 2,
        units: 9,
        lines_pulled: 2,
        units_pulled: 7,
      },
    ])
  })

  test('writes to it are conflicts that say when, and change nothing', async () => {
    const before = await display.ana.items(session)
    const member = { completed_at: '2026-03-02T10:20:00.000Z' }
    const writes = [
      await display.ana.count(session, ids[0] ?? '', 1),
      await display.ana.pull(session, ids[0] ?? '', false),
    ]
    for (const { status, body } of writes) expect([status, body]).toMatchObject([409, member])
    expect(await display.ana.items(session)).toEqual(before)
  })

  test('its figures stay, whatever becomes of the items', async () => {
    const items = await display.ana.items(session)
    const list = await display.ana.pulls(session, '?include_uncounted=true')
    expect(items.map(({ need_quantity }) => need_quantity)).toEqual([3, 0, 6, null, 0])
    expect(list).toMatchObject({ total_items: 3, total_units: 13, items_pulled: 2, uncounted: 1 })
    await display.change(ids[0] ?? '', { par_level: 80 })
    await display.change(ids[2] ?? '', { active: false })
    await display.send('admin', `PUT ${api}/admin/items/reorder`, {
      item_orders: [ids[4], ids[3], ids[1], ids[0]].map((id, at) => ({
        id,
        display_order: at + 1,
      })),
    })
    await display.add('New', 9)
    expect(await display.ana.items(session)).toEqual(items)
    expect(await display.ana.pulls(session, '?include_uncounted=true')).toEqual(list)
    const { session_id } = await display.ana.start()
    const now = await display.ana.items(session_id)
    expect(now.map(({ name, par_level }) => [name, par_level])).toEqual([
      ['Item 5', 5],
      ['Item 4', 4],
      ['Item 2', 12],
      ['Item 1', 80],
      ['New', 9],
    ])
  })

  test('an item that a session holds is deactivated, a fresh one is gone', async () => {
    const line = (id: string | undefined) => `DELETE ${api}/admin/items/${id}`
    expect(await display.send('admin', line(ids[1]))).toMatchObject({ deleted_permanently: false })
    const fresh = await display.add('Fresh', 2)
    expect(await display.send('admin', line(fresh.id))).toMatchObject({ deleted_permanently: true })
    expect(await display.status('admin', line(fresh.id))).toBe(404)
    const rows = await display.catalogue('?include_inactive=true')
    expect(rows.map(({ name, active, display_order }) => [name, active, display_order])).toEqual([
      ['Item 5', true, 1],
      ['Item 4', true, 2],
      ['Item 1', true, 3],
      ['New', true, 4],
      ['Item 2', false, 3],
      ['Item 3', false, 3],
    ])
    expect(await display.ana.items(session)).toHaveLength(5)
  })

  test('what was counted of an item that is inactive now neither counts nor can be counted', async () => {
    const { session_id } = await display.ana.start()
    await display.ana.count(session_id, ids[3] ?? '', 0)
    await display.ana.count(session_id, ids[4] ?? '', 0)
    await display.change(ids[4] ?? '', { active: false })
    expect((await display.ana.count(session_id, ids[4] ?? '', 1)).status).toBe(404)
    expect((await display.ana.pull(session_id, ids[4] ?? '')).status).toBe(404)
    expect(await display.ana.pulls(session_id)).toMatchObject({ total_units: 4, uncounted: 2 })
    await display.ana.complete(session_id)
    expect((await display.ana.items(session_id)).map(({ name }) => name)).not.toContain('Item 5')
    expect(await history('?limit=1')).toMatchObject([
      { items_counted: 1, uncounted: 2, lines: 1, units: 4, lines_pulled: 0, units_pulled: 0 },
    ])
  })

  test('the history: whose, of which days of the shop, newest first', async () => {
    const sessions = (rows: readonly Restock[]) => rows.map(({ session_id }) => session_id)
    const all = sessions(await history())
    expect(all).toHaveLength(2)
    expect(all[1]).toBe(session)
    expect(sessions(await history('?user_id={staff-ana}'))).toEqual(all)
    expect(await history('?user_id={staff-ben}')).toEqual([])
    // 10:20 UTC is 02:20 in Los Angeles.
    expect(sessions(await history('?from=2026-03-02&to=2026-03-02'))).toEqual(all)
    expect(await history('?to=2026-03-01')).toEqual([])
    expect(await history('?from=2026-03-03')).toEqual([])
  })
})

describe('at a change of the clocks', () => {
  eachDialect('the days of the history', (dialect) => {
    test('a day of 23 hours, in the time zone of the shop', async () => {
      const display = await openDisplay(dialect)
      await display.add('Water', 8)
      const roundAt = async (instant: string) => {
        display.app.clock.advance(Date.parse(instant) - display.app.clock.nowMs())
        const { session_id } = await display.ben.start()
        await display.ben.complete(session_id)
        return session_id
      }
      const rounds: string[] = []
      for (const instant of [
        '2026-03-08T07:59:59.999Z',
        '2026-03-08T08:00:00.000Z',
        '2026-03-09T06:59:59.999Z',
        '2026-03-09T07:00:00.000Z',
      ])
        rounds.push(await roundAt(instant))
      const rows = await display.send<Restock[]>(
        'staff-ben',
        `GET ${api}/history?from=2026-03-08&to=2026-03-08`,
      )
      expect(rows.map(({ session_id }) => session_id)).toEqual([rounds[2] ?? '', rounds[1] ?? ''])
      await display.close()
    })
  })
})
