import { expect, test } from 'bun:test'
import { eachDialect, fakeClock } from '#kit/testing'
import { idOf, models, type OpenHttpOptions, openHttp } from './fixture/open-http.ts'

eachDialect('who asks', (dialect) => {
  const open = async (options: Partial<OpenHttpOptions> = {}) => {
    const clock = fakeClock()
    return openHttp(await dialect.open(models, { nowMs: clock.nowMs }), { clock, ...options })
  }

  test('each fault of the header has its own detail and a challenge', async () => {
    const { send } = await open()
    const ask = async (authorization?: string) => {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
      const { status, body, headers: got } = await send('GET /api/me/notes', { headers })
      expect([status, body.code]).toEqual([401, 'unauthenticated'])
      expect(got.get('www-authenticate')).toStartWith('Bearer')
      return body.detail
    }
    const details = [
      await ask(),
      await ask('Basic YTpi'),
      await ask('Bearer'),
      await ask('Bearer a b'),
      await ask('Bearer stranger'),
    ]
    expect(new Set(details).size).toBe(5)
    expect(await ask('Bearerada')).toBe(details[1] ?? '')
    expect(await ask('Bearer a, Bearer b')).toBe(details[3] ?? '')
  })

  test('the scheme is read without regard to case', async () => {
    const { send } = await open()
    const headers = { authorization: 'bearer ada' }
    expect((await send('GET /api/me/notes', { headers })).status).toBe(200)
  })

  test('a route for anyone does not look at tokens', async () => {
    const { send } = await open()
    for (const authorization of ['Basic x', 'Bearer stranger', 'Bearer'])
      expect((await send('GET /api/places', { headers: { authorization } })).status).toBe(200)
  })

  test('a role is needed where the route says so; only an admin reaches everyone', async () => {
    const { send } = await open()
    await send('POST /api/me/notes', { as: 'ada', body: { title: 'hers' } })
    expect((await send('GET /api/admin/notes', { as: 'ada' })).body.code).toBe('forbidden')
    expect((await send('GET /api/admin/notes')).status).toBe(401)
    const all = await send<unknown[]>('GET /api/admin/notes', { as: 'root' })
    expect(all.body).toHaveLength(1)
    expect((await send(`GET /api/${idOf('ada')}/notes`, { as: 'root' })).status).toBe(403)
    expect((await send('GET /api/people/count')).text).toBe('{"count":3}')
  })

  test('who comes from another issuer may name himself in paths as it does', async () => {
    const { send } = await open()
    const note = { title: 'mine' }
    expect((await send('POST /api/auth%7C1/notes', { as: 'foreign.ada', body: note })).status).toBe(
      201,
    )
    expect((await send('GET /api/me/notes', { as: 'ada' })).text).toContain('mine')
    for (const as of ['ada', 'bob'])
      expect((await send('GET /api/auth%7C1/notes', { as })).body.code).toBe('forbidden')
    for (const path of ['auth%7C2', 'auth', idOf('bob'), ''])
      expect((await send(`GET /api/${path}/notes`, { as: 'foreign.ada' })).status).not.toBe(200)
  })

  test('who is held up is let in only where that is allowed', async () => {
    const { send } = await open()
    const held = await send('GET /api/me/notes', { as: 'held.ada' })
    expect([held.status, held.body.detail]).toEqual([403, 'Change it first.'])
    expect((await send('GET /api/auth/me', { as: 'held.ada' })).status).toBe(200)
  })

  test('without accounts nobody is let in, and all others are', async () => {
    const { send } = await open({ authenticator: undefined })
    expect((await send('GET /api/me/notes', { as: 'ada' })).status).toBe(401)
    expect((await send('GET /api/places')).status).toBe(200)
  })
})
