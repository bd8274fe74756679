import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { eachDialect, type Scenario, scenarios } from '#kit/testing'
import { runSeeds } from '#kit/tool'
import { rtde } from '#tools/rtde'
import {
  api,
  type Display,
  type Item,
  noId,
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

  test('R2: thirty minutes, sliding', async () => {
    await open()
    const { id } = await display.add('Water', 8)
    const first = await display.ana.start()
    expect(first).toMatchObject({
      started_at: '2026-03-02T10:00:00.000Z',
      expires_at: '2026-03-02T10:30:00.000Z',
    })
    display.at('10:29:59')
    expect((await display.ana.count(first.session_id, id, 1)).body.expires_at).toBe(
      '2026-03-02T10:59:59.000Z',
    )
    display.at('10:59:58.999')
    expect(await active()).toMatchObject({
      session: { expires_at: '2026-03-02T10:59:59.000Z' },
    })
    display.at('10:59:59')
    expect(await active()).toEqual({ session: null })
    display.at('11:00:00')
    const late = await display.ana.count(first.session_id, id, 1)
    expect([late.status, late.body]).toMatchObject([410, { code: 'gone', session_id: null }])
    expect(await active()).toEqual({ session: null })
    expect(
      await display.status('staff-ana', `POST ${api}/sessions/start`, { action: 'resume' }),
    ).toBe(409)
    const whole = () => display.send('staff-ana', `GET ${api}/sessions/${first.session_id}`)
    expect(await whole()).toMatchObject({ session: { status: 'expired' } })
    const again = await display.app.request<Started>('staff-ana', `POST ${api}/sessions/start`, {
      action: 'new',
    })
    expect(again.status).toBe(201)
    expect(await whole()).toMatchObject({
      session: { status: 'expired', expires_at: '2026-03-02T10:59:59.000Z', completed_at: null },
    })
    const lost = await display.ana.count(first.session_id, id, 1)
    expect([lost.status, lost.body]).toMatchObject([410, { session_id: again.body.session_id }])
    for (const line of ['PUT /pull', 'POST /complete']) {
      const [method, rest] = line.split(' ')
      const body = method === 'PUT' ? { item_id: id, is_pulled: true } : undefined
      expect(
        await display.status(
          'staff-ana',
          `${method} ${api}/sessions/${first.session_id}${rest}`,
          body,
        ),
      ).toBe(410)
    }
    await close()
  })

  test('resume goes on, new ends the open one now; reading does not keep it open', async () => {
    await open()
    const { id } = await display.add('Water', 8)
    const first = await display.ana.start()
    display.at('10:10:00')
    await display.ana.items(first.session_id)
    await display.ana.pulls(first.session_id)
    expect(await active()).toMatchObject({
      session: { expires_at: first.expires_at },
    })
    const line = `POST ${api}/sessions/start`
    const resumed = await display.app.request('staff-ana', line, { action: 'resume' })
    expect([resumed.status, resumed.body]).toEqual([
      200,
      { ...first, expires_at: '2026-03-02T10:40:00.000Z' },
    ])
    await display.send('staff-ana', `PUT ${api}/sessions/${first.session_id}/pull`, {
      item_id: id,
      is_pulled: true,
    })
    display.at('10:20:00')
    const second = await display.app.request<Started>('staff-ana', line)
    expect(second.status).toBe(201)
    expect(
      await display.send('staff-ana', `GET ${api}/sessions/${first.session_id}`),
    ).toMatchObject({
      session: {
        status: 'expired',
        expires_at: '2026-03-02T10:20:00.000Z',
        user_name: 'staff-ana',
      },
    })
    const states = async (query: string) =>
      (
        await display.send<{ id: string; status: string }[]>(
          'admin',
          `GET ${api}/admin/sessions${query}`,
        )
      ).map(({ id: one, status: state }) => [one === first.session_id ? 'first' : 'second', state])
    expect(await states('')).toEqual([
      ['second', 'in_progress'],
      ['first', 'expired'],
    ])
    expect(await states('?status=in_progress')).toEqual([['second', 'in_progress']])
    expect(await states('?status=expired&user_id={staff-ana}')).toEqual([['first', 'expired']])
    expect(await states('?status=expired&user_id={staff-ben}')).toEqual([])
    display.at('10:50:00')
    expect(await states('?status=in_progress')).toEqual([])
    expect(await states('?status=expired')).toEqual([
      ['second', 'expired'],
      ['first', 'expired'],
    ])
    await close()
  })

  describe('R3: sessions are personal', () => {
    let id: string
    let item_id: string
    beforeAll(async () => {
      await open()
      item_id = (await display.add('Water', 8)).id
      id = (await display.ana.start()).session_id
    })
    afterAll(close)

    test("another's is 404 on staff routes, for an admin too", async () => {
      const path = `${api}/sessions/${id}`
      for (const who of ['staff-ben', 'admin'])
        expect([
          await display.status(who, `GET ${path}`),
          await display.status(who, `GET ${path}/pull-list`),
          await display.status(who, `PUT ${path}/count`, { item_id, counted_quantity: 1 }),
          await display.status(who, `PUT ${path}/pull`, { item_id, is_pulled: true }),
          await display.status(who, `POST ${path}/complete`),
        ]).toEqual([404, 404, 404, 404, 404])
      expect(await display.ana.items(id)).toMatchObject([
        { counted_quantity: null, is_pulled: false },
      ])
      expect(await display.send('admin', `GET ${api}/sessions/active`)).toEqual({ session: null })
    })

    test('an admin reads any under /admin, staff none', async () => {
      const { id: ana } = await display.app.as('staff-ana')
      expect(await display.send('admin', `GET ${api}/admin/sessions/${id}`)).toMatchObject({
        session: { id, user_id: ana, user_name: 'staff-ana', status: 'in_progress' },
        items: [{ item_id }],
      })
      expect(await display.status('staff-ben', `GET ${api}/admin/sessions/${id}`)).toBe(403)
      expect(await display.status('staff-ana', `GET ${api}/admin/sessions/${id}`)).toBe(403)
      expect(await display.status('admin', `GET ${api}/admin/sessions/${noId}`)).toBe(404)
    })
  })

  describe('C1 and what is refused', () => {
    beforeAll(async () => {
      await open()
      await display.add('Water', 8)
    })
    afterAll(close)
    const bad = (line: string, body: unknown, path: string): Scenario => [
      line.includes('/admin/') ? 'admin' : 'staff-ana',
      line,
      body,
      400,
      { code: 'invalid', errors: [{ path }] },
    ]
    scenarios(() => display.app, {
      'a user, on every route': ['ada', `GET ${api}/history`, undefined, 403],
      'a user starts none': ['ada', `POST ${api}/sessions/start`, {}, 403],
      'staff, on admin': ['staff-ana', `GET ${api}/admin/items`, undefined, 403],
      'staff adds no item': [
        'staff-ana',
        `POST ${api}/admin/items`,
        { name: 'X', par_level: 1 },
        403,
      ],
      nobody: [null, `GET ${api}/sessions/active`, undefined, 401],
      'an unknown key': bad(`POST ${api}/sessions/start`, { act: 'new' }, 'act'),
      'an unknown parameter': bad(`GET ${api}/history?x=1`, undefined, 'x'),
      'an unknown action': bad(`POST ${api}/sessions/start`, { action: 'go' }, 'action'),
      'days the wrong way': bad(
        `GET ${api}/history?from=2026-03-02&to=2026-03-01`,
        undefined,
        'to',
      ),
      'no day': bad(`GET ${api}/history?from=2026-02-30`, undefined, 'from'),
      'an unknown status': bad(`GET ${api}/admin/sessions?status=open`, undefined, 'status'),
      'no flag': bad(`GET ${api}/admin/items?include_inactive=1`, undefined, 'include_inactive'),
      'an unknown session': [
        'staff-ana',
        `PUT ${api}/sessions/${noId}/count`,
        { item_id: noId, counted_quantity: 1 },
        404,
      ],
      'a malformed one': ['staff-ana', `GET ${api}/sessions/7`, undefined, 404],
      'no session yet': [
        'staff-ana',
        `GET ${api}/sessions/active`,
        undefined,
        200,
        { session: null },
      ],
      'no restock yet': [
        'staff-ana',
        `GET ${api}/sessions/last-completed`,
        undefined,
        200,
        { last_completed_at: null, user_name: null },
      ],
      'no name': bad(`POST ${api}/admin/items`, { par_level: 1 }, 'name'),
      'a position is not set here': bad(
        `POST ${api}/admin/items`,
        { name: 'X', par_level: 1, display_order: 1 },
        'display_order',
      ),
      'all faults at once': [
        'admin',
        `POST ${api}/admin/items`,
        {
          name: ' ',
          par_level: 0,
          brand: 'x'.repeat(51),
          icon: 'x'.repeat(11),
          image_filename: '../x',
        },
        400,
        /name.*par_level.*brand.*icon.*image_filename/,
      ],
    })

    test('quantities that are none', async () => {
      const { session_id } = await display.ana.start()
      const [item] = await display.ana.items(session_id)
      const line = `PUT ${api}/sessions/${session_id}/count`
      for (const counted_quantity of [-1, 10_000, 1.5, '5', true, undefined])
        expect([
          counted_quantity,
          await display.status('staff-ana', line, { item_id: item?.item_id, counted_quantity }),
        ]).toEqual([counted_quantity, 400])
      for (const item_id of ['7', null, noId])
        expect(await display.status('staff-ana', line, { item_id, counted_quantity: 1 })).toBe(
          item_id === noId ? 404 : 400,
        )
      expect((await display.ana.count(session_id, item?.item_id ?? '', 9999)).status).toBe(200)
    })
  })
})
