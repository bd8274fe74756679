import { afterAll, beforeAll, expect, test } from 'bun:test'
import { app as whole } from '#app'
import { eachDialect, type TestApp, testApp } from '#kit/testing'

interface Event {
  readonly id: string
  readonly type: string
  readonly tool: string
  readonly description: string
  readonly user_id: string | null
  readonly user_name: string | null
}

eachDialect('the back office of the whole app', (dialect) => {
  let app: TestApp
  beforeAll(async () => {
    app = await testApp(whole, { dialect })
  })
  afterAll(() => app.close())
  const ask = async <T>(who: string, line: string, body?: unknown) =>
    (await app.request<T>(who, line, body)).body
  const feed = (query = '') => ask<Event[]>('admin', `GET /api/admin/activity?limit=100${query}`)

  test('what is bulk-deleted is counted, told of, and brought back', async () => {
    for (const name of ['Cup', 'Jug']) await ask('ada', 'POST /api/items', { name })
    await ask('ada', 'POST /api/me/tasks', { title: 'A private thing' })
    await ask('ada', 'PATCH /api/me/tasks/1/complete')
    const bulk = await ask('admin', 'POST /api/admin/items/bulk-delete', { ids: [1, 2, 999] })
    expect(bulk).toEqual({ deleted: 2 })
    const stats = { total: 0, active: 0, inactive: 0, tasks: { total: 1, completed: 1 } }
    expect(await ask('admin', 'GET /api/admin/stats')).toEqual({
      ...stats,
      users: { total: 2, active: 2 },
    })
    const [event] = await feed('&type=items_deleted')
    expect(event).toMatchObject({ tool: 'items', description: 'Cup, Jug', user_name: 'admin' })
    await ask('admin', `POST /api/admin/audit/${event?.id}/undo`, { scope: 'request' })
    const items = await ask<{ name: string }[]>('ada', 'GET /api/items?sort=name')
    expect(items.map(({ name }) => name)).toEqual(['Cup', 'Jug'])
    expect((await feed())[0]).toMatchObject({ type: 'undone', tool: 'plinth' })
  })

  test('of private things it is told that they happened; of secrets nothing', async () => {
    const { id } = await app.as('partner1')
    const user = `/api/admin/users/${id}`
    await ask('admin', `PATCH ${user}`, { role: 'admin', name: 'Pia' })
    await ask('admin', `POST ${user}/reset-password`)
    await ask('admin', `DELETE ${user}`)
    await ask('admin', `POST ${user}/restore`)
    await ask('ada', 'PATCH /api/users/me', { name: 'Ada L.' })
    const events = await feed()
    const accounts = events.filter(({ tool }) => tool === 'accounts').map(({ type }) => type)
    expect(accounts.slice(0, 6)).toEqual([
      'profile_changed',
      'user_restored',
      'user_deactivated',
      'password_reset',
      'user_changed',
      'user_created',
    ])
    expect(events.find(({ type }) => type === 'user_changed')?.description).toMatch(
      /name: none → Pia.*role: staff → admin|role: staff → admin.*name: none → Pia/,
    )
    const text = JSON.stringify(events)
    for (const hidden of ['A private thing', '$2', 'password_hash', 'pin_hash'])
      expect([hidden, text.includes(hidden)]).toEqual([hidden, false])
    expect((await feed('&tool=tasks')).map(({ type }) => type)).toEqual([
      'task_changed',
      'task_created',
    ])
  })

  test('staff read of items alone', async () => {
    const recent = await ask<Event[]>('staff1', 'GET /api/activity/recent?limit=100')
    expect(new Set(recent.map(({ tool }) => tool))).toEqual(new Set(['items']))
  })

  test('people are called by name, else username, else number; also when they are gone', async () => {
    const partner = { partner_number: 'us4711', pin: '2468', role: 'staff' }
    const { user } = await ask<{ user: { id: string } }>('admin', 'POST /api/admin/users', partner)
    const login = { partner_number: 'us4711', pin: '2468' }
    const { token } = (await app.request<{ token: string }>(null, 'POST /api/auth/login', login))
      .body
    const authorization = `Bearer ${token}`
    const add = await app.request(null, 'POST /api/items', { name: 'Lid' }, { authorization })
    expect(add.status).toBe(201)
    await ask('bob', 'POST /api/items', { name: 'Tray' })
    await ask('ada', 'POST /api/items', { name: 'Mat' })
    await ask('admin', `DELETE /api/admin/users/${user.id}`)
    const made = await feed('&type=item_created')
    expect(made.slice(0, 3).map(({ user_name }) => user_name)).toEqual(['Ada L.', 'bob', 'US4711'])
    expect(await feed(`&user_id=${user.id}&type=item_created`)).toHaveLength(1)
  })

  test('the metadata is documented, and every place it names is there', async () => {
    const { paths, components } = (
      await app.request<{
        paths: Readonly<Record<string, object>>
        components: { schemas: Readonly<Record<string, object>> }
      }>(null, 'GET /openapi.json')
    ).body
    expect(Object.keys(components.schemas)).toEqual(
      expect.arrayContaining([
        'AdminMeta',
        'AdminModel',
        'AdminField',
        'ActivityEvent',
        'AdminStats',
      ]),
    )
    const meta = JSON.stringify(await ask('admin', 'GET /api/admin/meta'))
    const named = [...meta.matchAll(/"path":"([^"]+)"/g)].map(([, path = '']) => path)
    const missing = named.filter((path) => !(path.replace(':id', '{id}') in paths))
    expect(named.length).toBeGreaterThan(20)
    expect(missing).toEqual([])
  })
})
