import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createLog } from '#kit/core'
import type { HttpApp } from '#kit/http'
import { eachDialect, type TestApp, testApp } from '#kit/testing'
import { type OpenApp, openApp } from '#kit/tool'
import { accounts } from '#tools/accounts'

interface Pair {
  readonly token: string
  readonly refresh_token: string
}

const newest = 'Xr6Nw1TbK9pQe4ZsVh7Mc3LfYd8Ja2Gu'

/** One request, as a client sends it. */
async function send(
  http: HttpApp,
  line: string,
  { token, key, body }: { readonly token?: string; readonly key?: string; readonly body?: unknown },
) {
  const [method = '', path = ''] = line.split(' ')
  const headers = new Headers({ 'content-type': 'application/json' })
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  if (key !== undefined) headers.set('idempotency-key', key)
  const content = body === undefined ? {} : { body: JSON.stringify(body) }
  const request = new Request(`http://localhost${path}`, { method, headers, ...content })
  const answer = await http.fetch(request, () => '127.0.0.1')
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Pair }
}

eachDialect('a rotation of secrets', (dialect) => {
  let app: TestApp
  let rotated: OpenApp
  beforeAll(async () => {
    app = await testApp([accounts], { dialect })
    const config = { ...app.config, secret: newest, oldSecrets: [app.config.secret] }
    const log = createLog('silent')
    rotated = await openApp(app.app, { config, clock: app.clock, log, migrate: 'leave' })
  })
  afterAll(async () => {
    await rotated.close()
    await app.close()
  })

  test('logs nobody out, and the sessions go on', async () => {
    const { token, refreshToken } = await app.as('ada')
    expect((await send(rotated.http, 'GET /api/auth/me', { token })).status).toBe(200)
    const body = { refresh_token: refreshToken }
    const renewed = await send(rotated.http, 'POST /api/auth/refresh', { body })
    expect(renewed.status).toBe(200)
    const { token: fresh, refresh_token: next } = renewed.body
    expect((await send(rotated.http, 'GET /api/auth/me', { token: fresh })).status).toBe(200)
    expect((await send(app.opened.http, 'GET /api/auth/me', { token: fresh })).status).toBe(401)
    const again = { body: { refresh_token: next } }
    expect((await send(rotated.http, 'POST /api/auth/refresh', again)).status).toBe(200)
  })

  test('repeats the answers that were sealed before, and knows another request from the same', async () => {
    const { token } = await app.as('admin')
    const invite = (body: unknown) => ({ token, key: 'invite', body })
    const line = 'POST /api/admin/invites'
    const first = await send(app.opened.http, line, invite({ role: 'staff' }))
    expect(first.status).toBe(201)
    const second = await send(rotated.http, line, invite({ role: 'staff' }))
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect(second.body).toEqual(first.body)
    expect((await send(rotated.http, line, invite({ role: 'user' }))).status).toBe(422)
  })
})
