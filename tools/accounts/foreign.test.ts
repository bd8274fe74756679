import { afterAll, beforeAll, expect, test } from 'bun:test'
import { SignJWT } from 'jose'
import { bindSystem, type Database } from '#kit/db'
import { anonymous } from '#kit/model'
import { eachDialect, fakeClock, type TestApp, testApp } from '#kit/testing'
import { openApp } from '#kit/tool'
import { accounts, Identity, User } from '#tools/accounts'
import { type BetterAuth, type SignedUp, startBetterAuth } from './fixture/better-auth.ts'

let issuer: BetterAuth
let ada: SignedUp
beforeAll(async () => {
  issuer = await startBetterAuth()
  ada = await issuer.signUp('ada@example.com')
})
afterAll(() => issuer.close())

interface Me {
  readonly user: Readonly<Record<string, unknown>> & { readonly id: string }
  readonly detail: string
}

function all(database: Database) {
  return bindSystem(database, { executor: database.reader, actor: anonymous, nowMs: Date.now })
}

/** A token under the shared secret, as a server signs it that has no JWT plugin. */
function shared(claims: Readonly<Record<string, unknown>>, nowMs: number): Promise<string> {
  const iat = Math.floor(nowMs / 1000)
  return new SignJWT({ iss: issuer.url, aud: issuer.url, iat, exp: iat + 900, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(issuer.secret))
}

eachDialect('tokens of Better Auth', (dialect) => {
  let app: TestApp
  beforeAll(async () => {
    app = await testApp([accounts], {
      dialect,
      environment: issuer.environment,
      clock: fakeClock(Date.now()),
    })
  })
  afterAll(() => app.close())

  const send = (token: string, line: string, body?: unknown) =>
    app.request<Me>(null, line, body, { authorization: `Bearer ${token}` })
  const me = (token: string) => send(token, 'GET /api/auth/me')
  const refusal = async (token: string) => {
    const { status, body } = await me(token)
    return `${status} ${body.detail}`
  }
  const sharedNow = (claims: Readonly<Record<string, unknown>>) => shared(claims, app.clock.nowMs())

  test('the first one makes the account, which is nobody’s but his', async () => {
    const token = await ada.token()
    const { status, body } = await me(token)
    expect(status).toBe(200)
    expect(body.user).toMatchObject({
      email: 'ada@example.com',
      name: 'Ada Lovelace',
      username: null,
      role: 'user',
      is_active: true,
    })
    expect((await me(await ada.token())).body.user.id).toBe(body.user.id)
    const trail = await app.request<{ model: string }[]>(
      'admin',
      `GET /api/admin/audit?row_id=${body.user.id}`,
    )
    expect(trail.body.map(({ model }) => model)).toEqual(['user'])
  })

  test('the same user by the shared secret', async () => {
    const { id } = (await me(await ada.token())).body.user
    expect((await me(await sharedNow({ sub: ada.id }))).body.user.id).toBe(id)
  })

  test('its session-cache cookie and the token of its e-mail are refused', async () => {
    const cookie = ada.cookies['better-auth.session_data'] ?? ''
    expect(cookie).toStartWith('eyJ')
    expect(ada.emailToken).toStartWith('eyJ')
    // They say no issuer; with all that tokens need but the purpose they are refused for that.
    expect(await refusal(cookie)).toMatch(/^401 .*\(iss\)/)
    expect(await refusal(ada.emailToken)).toMatch(/^401 .*\(iss\)/)
    expect(await refusal(ada.cookies['better-auth.session_token'] ?? '')).toMatch(
      /^401 .*malformed/,
    )
    expect(await refusal(await sharedNow({ email: 'ada@example.com' }))).toMatch(/^401 .*\(sub\)/)
    const link = { sub: ada.id, requestType: 'change-email-verification' }
    expect(await refusal(await sharedNow(link))).toMatch(/^401 .*verifies an e-mail/)
  })

  test('what is ours by its claims alone is another’s: it opens no account of ours', async () => {
    const admin = await app.as('admin')
    const claims = {
      sub: admin.id,
      user_id: admin.id,
      sid: admin.id,
      role: 'admin',
      is_admin: true,
    }
    const { status, body } = await me(await sharedNow(claims))
    expect(status).toBe(200)
    expect(body.user.id).not.toBe(admin.id)
    expect(body.user).toMatchObject({ role: 'user', is_admin: false })
    const bare = new SignJWT({ sub: admin.id, sid: admin.id, exp: app.clock.nowMs() / 1000 + 60 })
    const key = new TextEncoder().encode(issuer.secret)
    const token = await bare.setProtectedHeader({ alg: 'HS256' }).sign(key)
    expect(await refusal(token)).toMatch(/^401 .*\(iss\)/)
  })

  test('an e-mail address of a local account stays that account’s', async () => {
    const local = await app.request<Me>(null, 'POST /api/auth/register', {
      username: 'grace',
      email: 'Grace@example.com',
      password: 'correct horse',
    })
    const grace = await issuer.signUp(`grace-${dialect.name}@example.com`).then((user) => user.id)
    const { body } = await me(
      await sharedNow({ sub: grace, email: 'grace@EXAMPLE.com', name: 'G' }),
    )
    expect(body.user).toMatchObject({ email: null, name: 'G' })
    expect(body.user.id).not.toBe(local.body.user.id)
    const patched = await send(await sharedNow({ sub: grace }), 'PATCH /api/users/me', {
      name: 'H',
    })
    expect(patched.status).toBe(200)
  })

  test('names that are none here are left out', async () => {
    const token = await sharedNow({ sub: 'odd', email: 'not an address', name: ' '.repeat(5) })
    expect((await me(token)).body.user).toMatchObject({ email: null, name: null })
    const other = await sharedNow({ sub: 'odder', email: 7, name: { first: 'A' } })
    expect((await me(other)).body.user).toMatchObject({ email: null, name: null })
  })

  test('of many first requests at once one makes the account, in two processes too', async () => {
    const other = await openApp(app.app, {
      config: app.config,
      clock: app.clock,
      migrate: 'leave',
      log: app.opened.context.log,
    })
    const claims = { sub: 'crowd', email: 'crowd@example.com' }
    const tokens = await Promise.all(
      Array.from({ length: 12 }, (_, count) => sharedNow({ ...claims, jti: `${count}` })),
    )
    const answers = await Promise.all(
      tokens.map(async (token, count) => {
        if (count % 2 === 0) return (await me(token)).body.user.id
        const headers = { authorization: `Bearer ${token}` }
        const request = new Request('http://localhost/api/auth/me', { headers })
        const answer = await other.http.fetch(request, () => '127.0.0.1')
        return ((await answer.json()) as Me).user.id
      }),
    )
    await other.close()
    expect(new Set(answers).size).toBe(1)
    const { database } = app.opened
    expect(await all(database)(Identity).count({ subject: 'crowd' })).toBe(1)
    expect(await all(database)(User).count({ email: 'crowd@example.com' })).toBe(1)
  })

  test('two with one new e-mail address at once: both get in, one has it', async () => {
    const email = 'twins@example.com'
    const tokens = [
      await sharedNow({ sub: 'twin-1', email }),
      await sharedNow({ sub: 'twin-2', email }),
    ]
    const answers = await Promise.all(tokens.map((token) => me(token)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect(answers.map(({ body }) => body.user['email']).sort()).toEqual([null, email].sort())
  })

  test('whoever is deactivated here is shut out, though his issuer still signs', async () => {
    const token = await sharedNow({ sub: 'eve' })
    const { id } = (await me(token)).body.user
    await app.request('admin', `PATCH /api/admin/users/${id}`, { is_active: false })
    app.clock.advance(1000)
    const deactivated = '401 This account is deactivated.'
    expect(await refusal(token)).toBe(deactivated)
    expect(await refusal(await sharedNow({ sub: 'eve' }))).toBe(deactivated)
    await app.request('admin', `POST /api/admin/users/${id}/restore`)
    expect(await refusal(token)).toMatch(/^401 .*before you logged out/)
    expect((await me(await sharedNow({ sub: 'eve' }))).status).toBe(200)
  })

  test('a role that an admin gives him acts at once', async () => {
    const token = await sharedNow({ sub: 'promoted' })
    const { id } = (await me(token)).body.user
    expect((await send(token, 'GET /api/admin/users')).status).toBe(403)
    await app.request('admin', `PATCH /api/admin/users/${id}`, { role: 'admin' })
    expect((await send(token, 'GET /api/admin/users')).status).toBe(200)
  })

  test('log-out ends what was issued until then, and no more', async () => {
    const token = await sharedNow({ sub: 'leaver' })
    const second = await sharedNow({ sub: 'leaver', jti: 'second' })
    const stays = await sharedNow({ sub: 'stays' })
    for (const each of [token, second, stays]) expect((await me(each)).status).toBe(200)
    expect((await send(token, 'POST /api/auth/logout')).status).toBe(200)
    expect(await refusal(token)).toMatch(/^401 .*before you logged out/)
    expect(await refusal(second)).toMatch(/^401 .*before you logged out/)
    expect((await me(stays)).status).toBe(200)
    expect(await refusal(await sharedNow({ sub: 'leaver', iat: undefined }))).toMatch(
      /^401 .*\(iat\)/,
    )
    app.clock.advance(1000)
    expect((await me(await sharedNow({ sub: 'leaver' }))).status).toBe(200)
  })

  test('he has no sessions, no password and no PIN here', async () => {
    const token = await sharedNow({ sub: 'bare' })
    expect((await send(token, 'GET /api/auth/sessions')).text).toBe('[]')
    const body = { current_password: 'anything', new_password: 'correct horse battery' }
    const { status, text } = await send(token, 'POST /api/auth/change-password', body)
    expect(status).toBe(409)
    expect(text).toMatch(/sign in with another issuer/)
  })

  test('a token is remembered, and its end is not forgotten', async () => {
    const now = app.clock.nowMs()
    const exp = Math.floor(now / 1000) + 60
    const token = await sharedNow({ sub: 'short', exp })
    expect((await me(token)).status).toBe(200)
    app.clock.advance(exp * 1000 - now - 1)
    expect((await me(token)).status).toBe(200)
    app.clock.advance(1)
    expect(await refusal(token)).toMatch(/^401 .*expired/)
    expect(await refusal(token)).toMatch(/^401 .*expired/)
  })

  test('our own tokens go on as ever, beside them', async () => {
    expect((await app.request('someone', 'GET /api/auth/me')).status).toBe(200)
    const { token } = await app.as('someone')
    const [header, payload] = token.split('.')
    expect(await refusal(`${header}.${payload}.AAAA`)).toMatch(/^401 .*signature/)
  })
})

for (const alg of ['ES256', 'RS256'] as const)
  test(`${alg}, and new keys as soon as they sign`, async () => {
    const server = await startBetterAuth({ alg, signsCookie: true })
    const { AUTH_ISSUER, AUTH_JWKS_URL } = server.environment as Record<string, string>
    const app = await testApp([accounts], {
      environment: { AUTH_ISSUER, AUTH_JWKS_URL },
      clock: fakeClock(Date.now()),
    })
    const me = (token: string) =>
      app.request<Me>(null, 'GET /api/auth/me', undefined, { authorization: `Bearer ${token}` })
    const user = await server.signUp('ada@example.com')
    const first = await user.token()
    expect((await me(first)).status).toBe(200)

    const cookie = await me(user.cookies['better-auth.session_data'] ?? '')
    expect([cookie.status, cookie.body.detail]).toEqual([401, expect.stringMatching(/\(typ\)/)])
    const hashed = await new SignJWT({ sub: user.id, iss: server.url, aud: server.url })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('5m')
      .sign(new TextEncoder().encode(server.secret))
    expect((await me(hashed)).body.detail).toMatch(/signature/)

    server.rotate()
    app.clock.advance(5000)
    const second = await user.token()
    expect((await me(second)).status).toBe(200)
    app.clock.advance(10 * 60_000)
    const withdrawn = await me(first)
    expect([withdrawn.status, withdrawn.body.detail]).toEqual([
      401,
      expect.stringMatching(/does not publish/),
    ])
    await app.close()
    await server.close()
  })
