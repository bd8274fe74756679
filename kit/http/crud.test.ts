import { expect, test } from 'bun:test'
import { eachDialect, fakeClock } from '#kit/testing'
import { crud } from './crud.ts'
import { Note } from './fixture/note-tools.ts'
import { idOf, models, openHttp, type SomeBody } from './fixture/open-http.ts'

eachDialect('crud', (dialect) => {
  const open = async () => {
    const clock = fakeClock()
    const database = await dialect.open(models, { nowMs: clock.nowMs })
    return { ...(await openHttp(database, { clock })), clock }
  }
  const titles = (rows: readonly SomeBody[]) => rows.map((row) => row.title)

  test('create, get, change, remove answer rows, places and messages', async () => {
    const { send } = await open()
    const created = await send('POST /api/me/notes', { as: 'ada', body: { title: ' First ' } })
    expect(created.status).toBe(201)
    expect(created.body).toMatchObject({
      id: 1,
      user_id: idOf('ada'),
      title: 'First',
      text: null,
      done: false,
      created_at: '2026-01-01T00:00:00.000Z',
    })
    expect(created.text).not.toContain('secret')
    expect(created.headers.get('location')).toBe('/api/me/notes/1')
    const path = `/api/${idOf('ada')}/notes/1`
    expect((await send(`GET ${path}`, { as: 'ada' })).text).toBe(created.text)
    const changed = await send(`PUT ${path}`, { as: 'ada', body: { done: true } })
    expect([changed.status, changed.body.done, changed.body.title]).toEqual([200, true, 'First'])
    const removed = await send(`DELETE ${path}`, { as: 'ada' })
    expect([removed.status, removed.text]).toEqual([200, '{"message":"Note deleted"}'])
    expect((await send(`GET ${path}`, { as: 'ada' })).status).toBe(404)
  })

  test('another id in the path is 403 before any look-up; another row is 404, as is what is no id', async () => {
    const { send } = await open()
    await send('POST /api/me/notes', { as: 'bob', body: { title: 'His' } })
    const cases: readonly (readonly [string, number])[] = [
      [`GET /api/${idOf('bob')}/notes`, 403],
      [`GET /api/${idOf('bob')}/notes/999`, 403],
      [`GET /api/${idOf('bob')}/notes/x`, 403],
      ['GET /api/me/notes/1', 404],
      ['DELETE /api/me/notes/1', 404],
      ['GET /api/me/notes/x', 404],
      ['GET /api/me/notes/0', 404],
      ['GET /api/me/notes/01', 404],
      ['GET /api/me/notes/99999999999999999999', 404],
      ['GET /api/me/notes/%E0%A4%A', 404],
      ['GET /api/me/notes/1%00', 404],
    ]
    for (const [line, status] of cases)
      expect([line, (await send(line, { as: 'ada' })).status]).toEqual([line, status])
    const missing = await send('GET /api/me/notes/999', { as: 'ada' })
    const noId = await send('GET /api/me/notes/x', { as: 'ada' })
    expect(noId.body.detail).toBe(missing.body.detail)
    expect((await send(`GET /api/m%65/notes`, { as: 'ada' })).status).toBe(403)
  })

  test('a list pages through rows, newest first, and keeps the rest of the query', async () => {
    const { send, clock } = await open()
    for (const title of ['a', 'b', 'c']) {
      await send('POST /api/me/notes', { as: 'ada', body: { title, done: title !== 'b' } })
      clock.advance(1000)
    }
    const first = await send<SomeBody[]>('GET /api/me/notes?limit=2&count=true&sort=-title', {
      as: 'ada',
    })
    expect(titles(first.body)).toEqual(['c', 'b'])
    expect(first.headers.get('x-total-count')).toBe('3')
    const [, target] = /^<([^>]+)>; rel="next"$/.exec(first.headers.get('link') ?? '') ?? []
    expect(target).toStartWith('/api/me/notes?limit=2&count=true&sort=-title&cursor=')
    const second = await send<SomeBody[]>(`GET ${target}`, { as: 'ada' })
    expect(titles(second.body)).toEqual(['a'])
    expect(second.headers.get('link')).toBeNull()
    expect(titles((await send<SomeBody[]>('GET /api/me/notes', { as: 'ada' })).body)).toEqual([
      'c',
      'b',
      'a',
    ])
    expect((await send('GET /api/me/notes', { as: 'bob' })).text).toBe('[]')
  })

  test('filters and search: by the kinds of the fields, in every operator', async () => {
    const { send, clock } = await open()
    for (const [title, done, stars] of [
      ['Milk', true, 1],
      ['Bread', false, 2],
      ['Butter milk', true, 5],
    ]) {
      await send('POST /api/me/notes', { as: 'ada', body: { title, done, stars } })
      clock.advance(1000)
    }
    const found = async (query: string) =>
      titles((await send<SomeBody[]>(`GET /api/me/notes?sort=title&${query}`, { as: 'ada' })).body)
    expect(await found('done=true')).toEqual(['Butter milk', 'Milk'])
    expect(await found('created_at[gte]=2026-01-01T00:00:01Z')).toEqual(['Bread', 'Butter milk'])
    expect(await found('created_at%5Blt%5D=2026-01-01T00:00:01.000%2B00:00')).toEqual(['Milk'])
    expect(await found('stars[in]=1,5&done=true')).toEqual(['Butter milk', 'Milk'])
    expect(await found('stars[gt]=1&stars[lte]=2')).toEqual(['Bread'])
    expect(await found('stars[lt]=-7')).toEqual([])
    expect(await found('q=MILK')).toEqual(['Butter milk', 'Milk'])
    expect(await found('q=%25')).toEqual([])
    expect(await found('q=')).toHaveLength(3)
  })

  test('whatever of the query does not fit is invalid, all of it at once', async () => {
    const { send } = await open()
    const bad = [
      ...['limit=0', 'limit=101', 'limit=1e1', 'limit=', 'limit=5.0', 'limit=1&limit=2'],
      ...['cursor=', 'cursor=eyJ9', 'sort=hidden', 'sort=stars', 'sort=', 'count=1', 'done=1'],
      ...['done=TRUE', 'done[ne]=true', 'created_at=yesterday', 'stars=6', 'stars=2.5'],
      ...['kind=other', 'stars[in]=1,x', 'q=%00', 'hidden=x', 'user_id=1', '__proto__=1', 'page=2'],
    ]
    for (const query of bad) {
      const { status, body } = await send(`GET /api/me/notes?${query}`, { as: 'ada' })
      expect([query, status, body.code]).toEqual([query, 422, 'invalid'])
    }
    const { body } = await send('GET /api/me/notes?limit=0&sort=x&nope=1', { as: 'ada' })
    expect(body.errors.map(({ path }) => path).sort()).toEqual(['limit', 'nope', 'sort'])
    const where = await send('POST /api/me/notes?x=1', { as: 'ada', body: { title: '', a: 1 } })
    expect(where.body.errors.map(({ path }) => path)).toEqual(['x', 'title', 'a'])
  })

  test('bodies are strict', async () => {
    const { send } = await open()
    const bodies = [
      ...[{}, [], 'null', '"x"', { title: 5 }, { title: null }, { title: '   ' }],
      ...[{ title: 'a\u0000' }, '{"title":"\\ud800"}', { title: 'x', done: 'true' }],
      ...[
        { title: 'x', stars: '1' },
        { title: 'x', stars: 1.5 },
        { title: 'x', id: 7 },
      ],
      ...[
        { title: 'x', user_id: idOf('bob') },
        { title: 'x', hidden: 'y' },
      ],
      ...['{"title":"x","__proto__":{"done":true}}', { title: 'x', created_at: 'now' }],
      ...[{ title: '😀'.repeat(51) }],
    ]
    for (const body of bodies) {
      const { status } = await send('POST /api/me/notes', { as: 'ada', body })
      expect([JSON.stringify(body), status]).toEqual([JSON.stringify(body), 422])
    }
    const longest = { title: '😀'.repeat(50) }
    expect((await send('POST /api/me/notes', { as: 'ada', body: longest })).status).toBe(201)
    expect((await send('PUT /api/me/notes/1', { as: 'ada', body: {} })).status).toBe(422)
  })

  test('single rows have an entity tag: 304 for what is known, 412 for a stale write', async () => {
    const { send } = await open()
    const created = await send('POST /api/me/notes', { as: 'ada', body: { title: 'a' } })
    const etag = created.headers.get('etag') ?? ''
    expect(etag).toMatch(/^"[^"]+"$/)
    const get = (value: string) =>
      send('GET /api/me/notes/1', { as: 'ada', headers: { 'if-none-match': value } })
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const { status, text, headers } = await get(known)
      expect([known, status, text]).toEqual([known, 304, ''])
      expect(headers.get('etag')).toBe(etag)
      expect(headers.get('content-type')).toBeNull()
    }
    expect((await get('"other"')).status).toBe(200)
    const put = (ifMatch: string) =>
      send('PUT /api/me/notes/1', {
        as: 'ada',
        body: { title: 'b' },
        headers: { 'if-match': ifMatch },
      })
    expect((await put('"stale"')).body.code).toBe('stale')
    expect((await put(`W/${etag}`)).status).toBe(412)
    expect((await put(`"x", ${etag}`)).status).toBe(200)
    expect((await put(etag)).status).toBe(412)
    expect((await put('*')).status).toBe(200)
    const remove = { as: 'ada', headers: { 'if-match': etag } }
    expect((await send('DELETE /api/me/notes/1', remove)).status).toBe(412)
    expect((await send('GET /api/me/notes/1', { as: 'ada' })).status).toBe(200)
  })

  test('access is per verb, input may be another status, what is taken is a conflict', async () => {
    const { send } = await open()
    expect((await send('POST /api/places', { body: { name: 'x' } })).status).toBe(401)
    expect((await send('POST /api/places', { as: 'ada', body: {} })).status).toBe(400)
    expect((await send('GET /api/places?limit=0')).status).toBe(400)
    const created = await send('POST /api/places', { as: 'ada', body: { name: 'here' } })
    expect([created.status, (await send('GET /api/places')).text]).toEqual([
      201,
      `[${created.text}]`,
    ])
    const again = await send('POST /api/places', { as: 'bob', body: { name: 'here' } })
    expect([again.status, again.body.code]).toEqual([409, 'conflict'])
    expect((await send('DELETE /api/places/1', { as: 'ada' })).status).toBe(405)
  })
})

test('a verb without access, or a filter by what is no field, is refused where it is declared', () => {
  expect(() => crud(Note, { access: { list: 'user' } })).toThrow(TypeError)
  // @ts-expect-error a filter names a field
  expect(() => crud(Note, { access: 'user', filters: ['nope'] })).toThrow(TypeError)
})

test('names and places follow from the model and the caller', () => {
  const [list] = crud(Note, { access: 'user', only: ['list'] })
  expect([list?.name, list?.path, list?.method]).toEqual(['note.list', '/api/notes', 'GET'])
  expect(list?.source.file).toEndWith('crud.test.ts')
})
