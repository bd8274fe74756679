import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { eachDialect, scenarios, type TestApp, testApp } from '#kit/testing'
import { accounts } from '#tools/accounts'
import { items } from '#tools/items'

interface Entry {
  readonly id: string
  readonly action: string
  readonly model: string
  readonly row_id: string
  readonly request_id: string
  readonly before: Readonly<Record<string, unknown>> | null
  readonly after: Readonly<Record<string, unknown>> | null
  readonly undoes: string | null
}

interface Undone {
  readonly undone: number
  readonly entries: readonly string[]
}

const path = '/api/admin/audit'

eachDialect('undoing over HTTP', (dialect) => {
  let app: TestApp
  beforeAll(async () => {
    app = await testApp([accounts, items], { dialect })
    for (const name of ['ada', 'staff1', 'admin']) await app.as(name)
    for (const name of ['Cup', 'Jug', 'Mug']) await app.request('ada', 'POST /api/items', { name })
  })
  afterAll(() => app.close())

  const entries = async (query: string) =>
    (await app.request<Entry[]>('admin', `GET ${path}?${query}`)).body
  const newest = async (query: string) => (await entries(`${query}&limit=1`))[0] as Entry
  const undo = (id: string, body?: object) =>
    app.request<Undone>('admin', `POST ${path}/${id}/undo`, body)
  const allItems = async () =>
    (await app.request<{ items: object[] }>('admin', 'GET /api/admin/items')).body
  const unknown = '019b76da-a800-7000-8000-00000000dead'

  test('a bulk removal, all of it by one of its entries, and then its undoing', async () => {
    const before = await allItems()
    const removal = { ids: [1, 2, 999] }
    const { body } = await app.request('admin', 'POST /api/admin/items/bulk-delete', removal)
    expect(body).toMatchObject({ deleted: 2 })
    const after = await allItems()
    const entry = await newest('model=item&action=remove')
    const undone = await undo(entry.id, { scope: 'request' })
    expect(undone.body).toMatchObject({ message: 'Undone', undone: 2 })
    expect(undone.body.entries).toContain(entry.id)
    expect(await allItems()).toEqual(before)
    expect(await newest('model=item')).toMatchObject({ action: 'create', before: null })
    await undo((await newest('model=item')).id, { scope: 'request' })
    expect(await allItems()).toEqual(after)
    await undo((await newest('model=item')).id, { scope: 'request' })
    expect(await allItems()).toEqual(before)
  })

  test('one entry, without a body; twice is a conflict that names the first', async () => {
    await app.request('ada', 'PATCH /api/items/3', { name: 'Beaker' })
    const { id } = await newest('model=item&row_id=3')
    expect((await undo(id)).body).toEqual({ message: 'Undone', undone: 1, entries: [id] } as never)
    expect((await app.request(null, 'GET /api/items/3')).body).toMatchObject({ name: 'Mug' })
    const [by] = await entries(`model=item&row_id=3&limit=1`)
    const again = await undo(id)
    expect(again.status).toBe(409)
    expect(again.body).toMatchObject({ code: 'conflict' })
    expect(again.text).toContain(`already, by entry ${by?.id}`)
  })

  test('with an idempotency key: once', async () => {
    await app.request('ada', 'PATCH /api/items/3', { name: 'Beaker' })
    const { id } = await newest('model=item&row_id=3')
    const send = () =>
      app.request('admin', `POST ${path}/${id}/undo`, {}, { 'idempotency-key': 'once' })
    const [first, second] = [await send(), await send()]
    expect([first.status, second.status, second.text]).toEqual([200, 200, first.text])
  })

  test('never leaves the app without an admin', async () => {
    const { id } = await app.as('admin')
    const other = await app.as('ada')
    await app.request('admin', `PATCH /api/admin/users/${other.id}`, { role: 'admin' })
    const { id: promotion } = await newest(`model=user&row_id=${other.id}`)
    await app.request('ada', `PATCH /api/admin/users/${id}`, { role: 'user' })
    const found = await app.request<Entry[]>('ada', `GET ${path}?model=user&row_id=${id}&limit=1`)
    const demotion = found.body[0]?.id
    const refused = await app.request('ada', `POST ${path}/${promotion}/undo`, {})
    expect([refused.status, refused.text]).toEqual([409, expect.stringContaining('admin')])
    expect((await app.request('ada', `POST ${path}/${demotion}/undo`)).status).toBe(200)
    expect((await undo(promotion)).status).toBe(200)
  })

  test('entries hold values, and nothing secret', async () => {
    const { id } = await app.as('ada')
    const [entry] = await entries(`model=user&row_id=${id}&action=create`)
    expect(entry?.after).toMatchObject({ username: 'ada', password_hash: '(changed)' })
    const one = await app.request<Entry>('admin', `GET ${path}/${entry?.id}`)
    expect(one.body).toEqual(entry as Entry)
    expect(one.headers.get('etag')).not.toBeNull()
  })

  test('entries are found by who, what, when and in which request', async () => {
    const { id: actor } = await app.as('ada')
    const entry = await newest(`model=item&action=create&operation=item.create&actor_id=${actor}`)
    expect(entry).toMatchObject({ action: 'create', model: 'item', before: null })
    expect(await entries(`request_id=${entry.request_id}`)).toEqual([entry])
    expect(await entries('created_at[gt]=2999-01-01T00:00:00Z')).toEqual([])
    const csv = await app.request('admin', `GET ${path}?format=csv&request_id=${entry.request_id}`)
    expect(csv.text).toContain(entry.id)
  })

  describe('refusals', () => {
    const anyUndo = `POST ${path}/${unknown}/undo`
    scenarios(() => app, {
      'nobody undoes': [null, anyUndo, {}, 401],
      'a user does not': ['bob', anyUndo, {}, 403],
      'staff do not': ['staff1', anyUndo, {}, 403],
      'nor do they read': ['staff1', `GET ${path}`, undefined, 403],
      'nor one': ['bob', `GET ${path}/${unknown}`, undefined, 403],
      'an entry that is none': ['admin', anyUndo, {}, 404, { code: 'not_found' }],
      'no such request': ['admin', anyUndo, { scope: 'request' }, 404],
      'reading none': ['admin', `GET ${path}/${unknown}`, undefined, 404],
      'an id that cannot be': ['admin', `POST ${path}/1/undo`, {}, 404],
      'reading under it': ['admin', `GET ${path}/x`, undefined, 404],
      'another scope': ['admin', anyUndo, { scope: 'all' }, 400, { errors: [{ path: 'scope' }] }],
      'another key': ['admin', anyUndo, { force: true }, 400, { errors: [{ path: 'force' }] }],
      'another filter': ['admin', `GET ${path}?hash=0`, undefined, 400],
      'an action that is none': ['admin', `GET ${path}?action=burn`, undefined, 400],
    })
  })
})
