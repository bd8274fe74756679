import { afterAll, beforeAll, expect, test } from 'bun:test'
import { eachDialect, type Scenario, scenarios, type TestApp, testApp } from '#kit/testing'
import { runSeeds } from '#kit/tool'
import { accounts } from '#tools/accounts'
import { items } from '#tools/items'

interface Item {
  readonly id: number
  readonly name: string
  readonly is_active: boolean
  readonly user_id: string | null
}

const admin = '/api/admin/items'

eachDialect('items', (dialect) => {
  let app: TestApp
  const create = async (who: string, name: string) =>
    (await app.request<Item>(who, 'POST /api/items', { name })).body

  beforeAll(async () => {
    app = await testApp([accounts, items], { dialect })
    for (const name of ['ada', 'bob', 'staff1', 'admin']) await app.as(name)
    await create('ada', 'Cup')
    await create('bob', 'Jug')
    await create('ada', 'Gone')
    await app.request('ada', 'DELETE /api/items/3')
  })
  afterAll(() => app.close())

  const bad = (body: unknown, path: string): Scenario => [
    'ada',
    'POST /api/items',
    body,
    400,
    { code: 'invalid', errors: [{ path }] },
  ]
  scenarios(() => app, {
    'anyone lists the active ones': [
      null,
      'GET /api/items',
      undefined,
      200,
      [{ id: 2 }, { id: 1 }],
    ],
    'by name': [null, 'GET /api/items?sort=name', undefined, 200, [{ id: 1 }, { id: 2 }]],
    'by a word': [null, 'GET /api/items?q=uG', undefined, 200, [{ id: 2 }]],
    literally: [null, 'GET /api/items?q=%25', undefined, 200, []],
    'by who added it': [null, 'GET /api/items?user_id={bob}', undefined, 200, [{ id: 2 }]],
    'not by whether it is active': [null, 'GET /api/items?is_active=false', undefined, 400],
    'anyone reads one': [null, 'GET /api/items/1', undefined, 200, { id: 1, name: 'Cup' }],
    'a deleted one is not there': [null, 'GET /api/items/3', undefined, 404],
    'nor for its owner': ['ada', 'GET /api/items/3', undefined, 404],
    'nor under another id': [null, 'GET /api/items/1x', undefined, 404],
    'nobody adds nothing': [null, 'POST /api/items', { name: 'X' }, 401],
    'no name': bad({}, 'name'),
    'an empty name': bad({ name: '  ' }, 'name'),
    'a name too long': bad({ name: 'x'.repeat(256) }, 'name'),
    'a name of another kind': bad({ name: 5 }, 'name'),
    'a field that is shown only': bad({ name: 'X', is_active: false }, 'is_active'),
    'an owner of choice': bad({ name: 'X', user_id: null }, 'user_id'),
    'a name at its limit': ['ada', 'POST /api/items', { name: '𝔘'.repeat(255) }, 201, { id: 4 }],
    'the owner changes it': ['ada', 'PATCH /api/items/1', { name: ' Mug ' }, 200, { name: 'Mug' }],
    'not with nothing': ['ada', 'PATCH /api/items/1', {}, 400],
    'not whether it is active': ['ada', 'PATCH /api/items/1', { is_active: false }, 400],
    'another does not': ['bob', 'PATCH /api/items/1', { name: 'Mine' }, 404],
    'not even an admin, here': ['admin', 'PATCH /api/items/1', { name: 'Mine' }, 404],
    'nor a deleted one': ['ada', 'PATCH /api/items/3', { name: 'Back' }, 404],
    'nobody deletes it': [null, 'DELETE /api/items/1', undefined, 401],
    'another does not delete it': ['bob', 'DELETE /api/items/1', undefined, 404],
    'the owner does': ['ada', 'DELETE /api/items/1', undefined, 200, { message: 'Item deleted' }],
    once: ['ada', 'DELETE /api/items/1', undefined, 404],
    'then it is gone': [null, 'GET /api/items/1', undefined, 404],
    'and the others are as they were': [null, 'GET /api/items/2', undefined, 200, { name: 'Jug' }],
  })

  const closed = [
    `GET ${admin}`,
    `POST ${admin}`,
    `GET ${admin}/2`,
    `PATCH ${admin}/2`,
    `DELETE ${admin}/2`,
    `POST ${admin}/3/restore`,
    `POST ${admin}/2/toggle`,
    `POST ${admin}/bulk-delete`,
  ]
  for (const line of closed)
    scenarios(() => app, {
      nobody: [null, line, undefined, 401],
      'its owner': ['bob', line, undefined, 403],
      staff: ['staff1', line, undefined, 403],
    })

  const many = (count: number) => Array.from({ length: count }, (_, at) => at + 1000)
  const bulk = (ids: unknown, status: number, contains: Readonly<Record<string, unknown>>) =>
    ['admin', `POST ${admin}/bulk-delete`, { ids }, status, contains] as const
  scenarios(() => app, {
    'all of them': [
      'admin',
      `GET ${admin}?sort=id`,
      undefined,
      200,
      [{ id: 1, is_active: false }, { id: 2 }, { id: 3, is_active: false }, { id: 4 }],
    ],
    'the removed ones': [
      'admin',
      `GET ${admin}?is_active=false&sort=id`,
      undefined,
      200,
      /"id":1.*"id":3/,
    ],
    'a word among all': ['admin', `GET ${admin}?q=gone`, undefined, 200, [{ id: 3 }]],
    'one that is removed': ['admin', `GET ${admin}/3`, undefined, 200, { is_active: false }],
    'one that is not there': ['admin', `GET ${admin}/999`, undefined, 404],
    'a new one of the house': ['admin', `POST ${admin}`, { name: 'Sign' }, 201, { user_id: null }],
    'one for somebody who is not there': [
      'admin',
      `POST ${admin}`,
      { name: 'X', user_id: '019b76da-a800-7000-8000-000000000000' },
      409,
    ],
    'any name': ['admin', `PATCH ${admin}/2`, { name: 'Big jug' }, 200, { name: 'Big jug' }],
    'a removed one, too': ['admin', `PATCH ${admin}/3`, { name: 'Lid' }, 200, { name: 'Lid' }],
    'what is no field of the form': ['admin', `PATCH ${admin}/2`, { is_active: false }, 400],
    'a nobody cannot be changed': ['admin', `PATCH ${admin}/999`, { name: 'X' }, 404],
    off: ['admin', `POST ${admin}/2/toggle`, undefined, 200, { id: 2, is_active: false }],
    'nobody sees it then': [null, 'GET /api/items/2', undefined, 404],
    on: ['admin', `POST ${admin}/2/toggle`, undefined, 200, { id: 2, is_active: true }],
    'no toggle of none': ['admin', `POST ${admin}/999/toggle`, undefined, 404],
    'back again': ['admin', `POST ${admin}/3/restore`, undefined, 200, { is_active: true }],
    'not twice': ['admin', `POST ${admin}/3/restore`, undefined, 404],
    'removed softly': ['admin', `DELETE ${admin}/3`, undefined, 200, { message: 'Item removed' }],
    'removed once': ['admin', `DELETE ${admin}/3`, undefined, 404],
    'no ids': bulk([], 400, { errors: [{ path: 'ids' }] }),
    '1,001 ids': bulk(many(1001), 400, { errors: [{ path: 'ids' }] }),
    '1,001 times one id': bulk(Array(1001).fill(1), 400, { errors: [{ path: 'ids' }] }),
    '1,000 ids of nothing': bulk(many(1000), 200, { deleted: 0 }),
    'ids that are none': bulk([1, '2', 3.5, 0, null], 400, {
      errors: [{ path: 'ids.1' }, { path: 'ids.2' }, { path: 'ids.3' }, { path: 'ids.4' }],
    }),
    'ids that are no list': bulk(1, 400, { errors: [{ path: 'ids' }] }),
    'one unknown': bulk([1, 2, 999], 200, { deleted: 2 }),
    'the same again': bulk([1, 2, 999], 200, { deleted: 0 }),
    'repeated ids count once': bulk([3, 3, 3], 200, { deleted: 1 }),
    'for good': ['admin', `GET ${admin}/1`, undefined, 404],
    'what is left': ['admin', `GET ${admin}?sort=id`, undefined, 200, [{ id: 4 }, { id: 5 }]],
    'the stats agree': [
      'admin',
      'GET /api/admin/stats',
      undefined,
      200,
      { total: 2, active: 2, inactive: 0, users: { total: 4, active: 4 } },
    ],
  })

  test('two admins edit one item: the second is told, and loses nothing', async () => {
    const { id } = await create('ada', 'Tray')
    const path = `${admin}/${id}`
    const seen = await app.request('admin', `GET ${path}`)
    const headers = { 'if-match': seen.headers.get('etag') }
    const send = (line: string, body?: unknown) => app.request('admin', line, body, headers)
    expect((await send(`PATCH ${path}`, { name: 'Silver tray' })).status).toBe(200)
    for (const line of [`PATCH ${path}`, `DELETE ${path}`, `POST ${path}/toggle`])
      expect([
        line,
        (await send(line, /PATCH/.test(line) ? { name: 'X' } : undefined)).status,
      ]).toEqual([line, 412])
    const { body } = await app.request<Item>('admin', `GET ${path}`)
    expect([body.name, body.is_active]).toEqual(['Silver tray', true])
  })

  test('an item goes to another user, and is his then', async () => {
    const { id } = await create('ada', 'Vase')
    const { id: bob } = await app.as('bob')
    await app.request('admin', `PATCH ${admin}/${id}`, { user_id: bob })
    expect((await app.request('ada', `PATCH /api/items/${id}`, { name: 'X' })).status).toBe(404)
    expect((await app.request('bob', `PATCH /api/items/${id}`, { name: 'X' })).status).toBe(200)
  })

  test('the seed may run twice', async () => {
    const first = await runSeeds([items], app.opened.context)
    const second = await runSeeds([items], app.opened.context)
    expect([first, second]).toEqual([
      [{ tool: 'items', made: 5, found: 0 }],
      [{ tool: 'items', made: 0, found: 5 }],
    ])
  })
})
