import { afterAll, beforeAll, expect, test } from 'bun:test'
import { eachDialect, scenarios, type TestApp } from '#kit/testing'
import { addPeople, depotApp, idOf, openDepot } from './fixture/depot.ts'

interface Parcel {
  readonly id: string
  readonly label: string
  readonly state: string
}

const parcels = '/api/admin/parcels'
const tags = '/api/admin/tags'
const nothing = '019b76da-a800-7000-8000-00000000dead'

test('every route under a path for admins is for admins', () => {
  const open = depotApp.routes.filter(
    ({ path, access }) => path.startsWith('/api/admin/') && access !== 'admin',
  )
  expect(open).toEqual([])
  expect(depotApp.routes.filter(({ path }) => path.startsWith(parcels))).toHaveLength(12)
  expect(depotApp.routes.filter(({ path }) => path.startsWith(tags))).toHaveLength(6)
})

eachDialect('admin routes of any model', (dialect) => {
  let app: TestApp
  const create = async (label: string, more: object = {}) => {
    const body = { label, person_id: idOf('ada'), ...more }
    return (await app.request<Parcel>('admin', `POST ${parcels}`, body)).body
  }
  const get = async (id: string) =>
    (await app.request<Parcel>('admin', `GET ${parcels}/${id}`)).body

  beforeAll(async () => {
    app = await openDepot(dialect)
    await addPeople(app)
  })
  afterAll(() => app.close())

  for (const { method, path } of depotApp.routes.filter(({ access }) => access === 'admin')) {
    const line = `${method} ${path.replace(':id', nothing)}`
    scenarios(() => app, {
      nobody: [null, line, undefined, 401],
      'a user': ['ada', line, undefined, 403],
      staff: ['staff', line, undefined, 403],
    })
  }

  const owned = { label: 'Box', person_id: idOf('ada') }
  const bad = (body: unknown, path: string) =>
    ['admin', `POST ${parcels}`, body, 422, { errors: [{ path }] }] as const
  scenarios(() => app, {
    'a row needs its owner': bad({ label: 'Box' }, 'person_id'),
    'one that is somebody': ['admin', `POST ${parcels}`, { ...owned, person_id: nothing }, 409],
    'what is shown only': bad({ ...owned, sent_at: null }, 'sent_at'),
    'what is internal': bad({ ...owned, hash: 'x' }, 'hash'),
    'whether it is removed': bad({ ...owned, is_active: false }, 'is_active'),
    'a row of another': [
      'admin',
      `POST ${parcels}`,
      owned,
      201,
      { person_id: idOf('ada'), state: 'packed' },
    ],
    'a row with a secret': [
      'admin',
      `POST ${parcels}`,
      { ...owned, pin: '1234' },
      201,
      /^(?!.*1234)/,
    ],
    'a list in its envelope': [
      'admin',
      `GET ${parcels}?limit=1`,
      undefined,
      200,
      { total: 2, active: 2, inactive: 0, items: [{ label: 'Box' }] },
    ],
    'filtered, counted whole': [
      'admin',
      `GET ${parcels}?q=none`,
      undefined,
      200,
      { total: 2, items: [] },
    ],
    'a sort that is none': ['admin', `GET ${parcels}?sort=weight`, undefined, 422],
    'a filter that is none': ['admin', `GET ${parcels}?note=x`, undefined, 422],
    'an action that is none': ['admin', `POST ${parcels}/${nothing}/nap`, undefined, 404],
    'an action on none': ['admin', `POST ${parcels}/${nothing}/send`, undefined, 404],
    'no toggle where none is declared': [
      'admin',
      `POST ${parcels}/${nothing}/toggle`,
      undefined,
      404,
    ],
    'a tag': ['admin', `POST ${tags}`, { name: 'Red' }, 201, { id: 1, is_hot: false }],
    'the same tag': ['admin', `POST ${tags}`, { name: 'rED' }, 409],
    'no verb that was left out': ['admin', `PATCH ${tags}/1`, { name: 'X' }, 405],
    'no restoring where removal is for good': ['admin', `POST ${tags}/1/restore`, undefined, 404],
    'a list that is one': ['admin', `GET ${tags}`, undefined, 200, [{ id: 1 }]],
    'no CSV where none is wanted': ['admin', `GET ${tags}?format=csv`, undefined, 422],
    hot: ['admin', `POST ${tags}/1/toggle`, undefined, 200, { is_hot: true }],
    cold: ['admin', `POST ${tags}/1/toggle`, undefined, 200, { is_hot: false }],
    gone: ['admin', `DELETE ${tags}/1`, undefined, 200, { message: 'Tag removed' }],
    'gone for good': ['admin', `DELETE ${tags}/1`, undefined, 404],
  })

  test('a list in its envelope has a next page, and is CSV, too', async () => {
    const { headers } = await app.request('admin', `GET ${parcels}?limit=1&count=true&state=packed`)
    expect(headers.get('link')).toMatch(/cursor=.*rel="next"/)
    expect(headers.get('x-total-count')).toBe('2')
    const csv = await app.request('admin', `GET ${parcels}?format=csv`)
    expect(csv.text.split('\r\n')).toHaveLength(4)
  })

  test('an action is a rule: it is told the time and who does it, and may refuse', async () => {
    const { id } = await create('Crate', { note: 'Fragile,' })
    const sent = await app.request<Parcel>('admin', `POST ${parcels}/${id}/send`)
    expect(sent.body).toMatchObject({
      state: 'sent',
      note: 'Fragile, sent by admin',
      sent_at: new Date(app.clock.nowMs()).toISOString(),
    })
    expect(sent.headers.get('etag')).toMatch(/^"/)
    expect((await app.request('admin', `POST ${parcels}/${id}/send`)).status).toBe(409)
  })

  test('a bulk action is for all or none; unknown ids are left out of the count', async () => {
    const made = [await create('A'), await create('B')]
    const known = made.map(({ id }) => id)
    const bulk = (ids: readonly string[], action: string) =>
      app.request<{ changed: number }>('admin', `POST ${parcels}/bulk-${action}`, { ids })
    expect((await bulk([...known, ...known, nothing], 'burn-it')).body).toEqual({ changed: 2 })
    expect((await get(known[0] ?? '')).label).toBe('ashes')
    await app.request('admin', `POST ${parcels}/${known[1]}/send`)
    expect((await bulk(known, 'send')).status).toBe(409)
    expect((await get(known[0] ?? '')).state).toBe('packed')
    expect((await bulk([], 'send')).status).toBe(422)
    expect((await bulk(['x'], 'send')).status).toBe(422)
  })

  test('bulk removal reaches removed rows, and stops at one that another refers to', async () => {
    const [free, held] = [await create('Free'), await create('Held')]
    const tag = { name: 'Tied', parcel_id: held.id }
    const { body } = await app.request<{ id: number }>('admin', `POST ${tags}`, tag)
    await app.request('admin', `DELETE ${parcels}/${free.id}`)
    const bulk = () =>
      app.request('admin', `POST ${parcels}/bulk-delete`, { ids: [free.id, held.id, nothing] })
    expect((await bulk()).status).toBe(409)
    expect(await get(free.id)).toMatchObject({ label: 'Free', is_active: false })
    expect(
      (await app.request('admin', `POST ${tags}/bulk-delete`, { ids: [body.id] })).body,
    ).toEqual({
      deleted: 1,
    })
    expect((await bulk()).body).toEqual({ deleted: 2 })
  })

  test('of two admins who change one row the later is told', async () => {
    const { id } = await create('Case')
    const seen = await app.request('admin', `GET ${parcels}/${id}`)
    const headers = { 'if-match': seen.headers.get('etag') }
    const first = await app.request('admin', `PATCH ${parcels}/${id}`, { label: 'Case 1' }, headers)
    const late: [string, unknown][] = [
      [`PATCH ${parcels}/${id}`, { label: 'Case 2' }],
      [`POST ${parcels}/${id}/send`, undefined],
      [`DELETE ${parcels}/${id}`, undefined],
    ]
    for (const [line, body] of late) {
      const answer = await app.request('admin2', line, body, headers)
      expect([line, answer.status, answer.headers.get('etag')]).toEqual([
        line,
        412,
        first.headers.get('etag'),
      ])
    }
    expect((await get(id)).label).toBe('Case 1')
    await app.request('admin', `DELETE ${parcels}/${id}`)
    const restore = `POST ${parcels}/${id}/restore`
    expect((await app.request('admin2', restore, undefined, headers)).status).toBe(412)
    expect((await app.request('admin2', restore)).status).toBe(200)
  })

  test('the same key sends twice what is done once', async () => {
    const { id } = await create('Once')
    const headers = { 'idempotency-key': 'k1' }
    const [first, second] = [
      await app.request('admin', `POST ${parcels}/${id}/send`, undefined, headers),
      await app.request('admin', `POST ${parcels}/${id}/send`, undefined, headers),
    ]
    expect([first.status, second.status, second.text]).toEqual([200, 200, first.text])
  })
})
