import { expect, test } from 'bun:test'
import { bindSystem } from '#kit/db'
import { anonymous } from '#kit/model'
import { eachDialect, fakeClock } from '#kit/testing'
import { gate } from './fixture/note-tools.ts'
import { models, openHttp, type SomeBody } from './fixture/open-http.ts'
import { IdempotencyKey } from './idempotency-key.ts'

const day = 24 * 60 * 60 * 1000

eachDialect('idempotency key', (dialect) => {
  const open = async () => {
    const clock = fakeClock()
    const database = await dialect.open(models, { nowMs: clock.nowMs })
    const http = await openHttp(database, { clock })
    const post = (key: string, body: unknown, { as = 'ada', path = '/api/me/notes' } = {}) =>
      http.send(`POST ${path}`, { as, body, headers: { 'idempotency-key': key } })
    const count = async () =>
      (await http.send<SomeBody[]>('GET /api/admin/notes?limit=100', { as: 'root' })).body.length
    const keys = () => {
      const binding = { executor: database.reader, actor: anonymous, nowMs: clock.nowMs }
      return bindSystem(database, binding)(IdempotencyKey)
    }
    return { ...http, clock, post, count, keys }
  }

  test('the same key and body gets the same answer, once done', async () => {
    const { post, count } = await open()
    const first = await post('k', { title: 'a' })
    const second = await post('k', { title: 'a' })
    expect([first.status, second.status, second.text]).toEqual([201, 201, first.text])
    expect(first.headers.get('idempotency-replayed')).toBeNull()
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    for (const name of ['etag', 'location', 'content-type'])
      expect(second.headers.get(name)).toBe(first.headers.get(name))
    expect(await count()).toBe(1)
  })

  test('another body, or another row, is 422 in every tool', async () => {
    const { post } = await open()
    await post('k', { title: 'a' })
    const other = await post('k', { title: 'b' })
    expect([other.status, other.body.code]).toEqual([422, 'invalid'])
    await post('p', { name: 'here' }, { path: '/api/places' })
    const place = await post('p', { name: 'there' }, { path: '/api/places' })
    expect([place.status, place.body.code]).toEqual([422, 'invalid'])
  })

  test('a key belongs to its actor and its route', async () => {
    const { post, count } = await open()
    const hers = await post('k', { title: 'a' })
    const his = await post('k', { title: 'a' }, { as: 'bob' })
    expect(his.body.id).not.toBe(hers.body.id)
    expect(his.headers.get('idempotency-replayed')).toBeNull()
    expect((await post('k', { name: 'x' }, { path: '/api/places' })).status).toBe(201)
    expect(await count()).toBe(2)
  })

  test('while the first is running the second is a conflict', async () => {
    const { post, context } = await open()
    const path = '/api/me/notes/import'
    const first = post('k', { title: 'a' }, { path })
    await context.use(gate).entered.promise
    const second = await post('k', { title: 'a' }, { path })
    expect([second.status, second.body.code]).toEqual([409, 'conflict'])
    expect(second.headers.get('retry-after')).toBe('1')
    context.use(gate).opened.resolve()
    expect((await first).status).toBe(201)
    const third = await post('k', { title: 'a' }, { path })
    expect([third.status, third.headers.get('idempotency-replayed')]).toEqual([201, 'true'])
  })

  test('a request that failed leaves no key behind', async () => {
    const { post, keys } = await open()
    expect((await post('k', { title: 'a' }, { path: '/api/me/notes/fail' })).status).toBe(500)
    expect((await post('k', { title: '' })).status).toBe(422)
    expect(await keys().count()).toBe(0)
    expect((await post('k', { title: 'a' })).status).toBe(201)
  })

  test('after a day it may be used anew', async () => {
    const { post, clock, count } = await open()
    await post('k', { title: 'a' })
    clock.advance(day - 1)
    expect((await post('k', { title: 'a' })).headers.get('idempotency-replayed')).toBe('true')
    clock.advance(1)
    expect((await post('k', { title: 'b' })).status).toBe(201)
    expect((await post('k', { title: 'b' })).headers.get('idempotency-replayed')).toBe('true')
    expect(await count()).toBe(2)
  })

  test('a key that is none is invalid; where nobody is known, and but for POST, it is ignored', async () => {
    const { post, send } = await open()
    for (const key of ['', 'x'.repeat(256), 'é']) {
      const { status, body } = await post(key, { title: 'a' })
      expect([key, status, body.errors[0]?.path]).toEqual([key, 422, 'Idempotency-Key'])
    }
    expect((await post('x'.repeat(255), { title: 'a' })).status).toBe(201)
    const put = { as: 'ada', headers: { 'idempotency-key': 'k' } }
    for (const title of ['b', 'c'])
      expect((await send('PUT /api/me/notes/1', { ...put, body: { title } })).status).toBe(200)
  })

  test('another process that was faster undoes this one', async () => {
    const clock = fakeClock()
    const database = await dialect.open(models, { nowMs: clock.nowMs })
    const one = await openHttp(database, { clock })
    const sent = { as: 'ada', body: { title: 'a' }, headers: { 'idempotency-key': 'k' } }
    const running = one.send('POST /api/me/notes/import', sent)
    await one.context.use(gate).entered.promise
    await database.write('another process', async (executor) => {
      const binding = { executor, actor: anonymous, nowMs: clock.nowMs }
      const same = { actor_id: '019b0000-0000-7000-8000-00000000000a', route: 'note.import' }
      await bindSystem(
        database,
        binding,
      )(IdempotencyKey).create({
        ...{ ...same, key: 'k', fingerprint: 'f', status: 201, headers: {}, body: '{}' },
      })
    })
    one.context.use(gate).opened.resolve()
    expect((await running).status).toBe(409)
    expect((await one.send('GET /api/me/notes', { as: 'ada' })).text).toBe('[]')
  })
})
