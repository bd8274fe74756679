import { afterAll, beforeAll, expect, test } from 'bun:test'
import { eachDialect, type Scenario, scenarios } from '#kit/testing'
import { api, type Display, noId, openDisplay } from './fixture/display.ts'

eachDialect('what rtde refuses', (dialect) => {
  let display: Display
  beforeAll(async () => {
    display = await openDisplay(dialect)
    await display.add('Water', 8)
  })
  afterAll(() => display.close())
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
    'days the wrong way': bad(`GET ${api}/history?from=2026-03-02&to=2026-03-01`, undefined, 'to'),
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
