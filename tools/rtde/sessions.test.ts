import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { eachDialect } from '#kit/testing'
import { api, type Display, noId, openDisplay, type Started } from './fixture/display.ts'

eachDialect('sessions of rtde', (dialect) => {
  let display: Display
  const open = async () => {
    display = await openDisplay(dialect)
  }
  const close = () => display.close()
  const active = () => display.send('staff-ana', `GET ${api}/sessions/active`)

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
})
