import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { tokens } from '#kit/auth'
import { bindSystem } from '#kit/db'
import { JobRunner } from '#kit/jobs'
import { anonymous } from '#kit/model'
import { eachDialect, scenarios, type TestApp, type TestDialect, testApp } from '#kit/testing'
import { accounts } from '#tools/accounts'
import { User } from './model.ts'

const password = 'correct horse'
const hourMs = 3_600_000

interface Pair {
  readonly token: string
  readonly refresh_token: string
  readonly expires_in: number
}

interface SessionView {
  readonly id: string
  readonly current: boolean
  readonly address: string
  readonly user_agent: string | null
}

let app: TestApp

async function open(
  dialect: TestDialect,
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  app = await testApp([accounts], { dialect, environment })
  await app.request(null, 'POST /api/auth/register', { username: 'ada', password })
}

const logIn = async (headers = {}) => {
  const body = { username: 'ada', password }
  return (await app.request<Pair>(null, 'POST /api/auth/login', body, headers)).body
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const me = async (token: string) =>
  (await app.request(null, 'GET /api/auth/me', undefined, bearer(token))).status
const detail = async (token: string) => {
  const answer = await app.request<{ detail: string }>(
    null,
    'GET /api/auth/me',
    undefined,
    bearer(token),
  )
  return [answer.status, answer.body.detail]
}
const refresh = (refresh_token: string) =>
  app.request<Pair>(null, 'POST /api/auth/refresh', { refresh_token })
const sessions = async (token: string) =>
  (await app.request<SessionView[]>(null, 'GET /api/auth/sessions', undefined, bearer(token))).body

eachDialect('refresh', (dialect) => {
  beforeEach(async () => {
    await app?.close()
    await open(dialect, { JWT_ACCESS_TOKEN_EXPIRES: '1h', JWT_REFRESH_TOKEN_EXPIRES: '2h' })
  })
  afterAll(() => app.close())

  test('a refresh token gets a new pair, and the session goes on', async () => {
    const first = await logIn()
    app.clock.advance(hourMs)
    expect(await me(first.token)).toBe(401)
    const { status, body } = await refresh(first.refresh_token)
    expect(status).toBe(200)
    expect(Object.keys(body).sort()).toEqual(['expires_in', 'refresh_token', 'token'])
    expect(body.refresh_token).not.toBe(first.refresh_token)
    expect(body.expires_in).toBe(3600)
    expect(await me(body.token)).toBe(200)
  })

  test('each works once: the old one again ends the session, new tokens too', async () => {
    const first = await logIn()
    const second = (await refresh(first.refresh_token)).body
    const reuse = await refresh(first.refresh_token)
    expect(reuse.status).toBe(401)
    expect(reuse.text).toContain('used before')
    expect(await me(second.token)).toBe(401)
    expect(await me(first.token)).toBe(401)
    expect((await refresh(second.refresh_token)).status).toBe(401)
  })

  test('reuse ends that session alone', async () => {
    const [first, other] = [await logIn(), await logIn()]
    await refresh(first.refresh_token)
    await refresh(first.refresh_token)
    expect(await me(other.token)).toBe(200)
  })

  test('of two at once with one token exactly one gets a pair; the session ends', async () => {
    const first = await logIn()
    const answers = await Promise.all([1, 2].map(() => refresh(first.refresh_token)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401])
    const won = answers.find(({ status }) => status === 200)?.body
    expect(await me(won?.token ?? '')).toBe(401)
  })

  test('each refresh renews the time of the session; without one it ends', async () => {
    const first = await logIn()
    app.clock.advance(2 * hourMs - 1000)
    const second = (await refresh(first.refresh_token)).body
    app.clock.advance(2 * hourMs - 1000)
    const third = await refresh(second.refresh_token)
    expect(third.status).toBe(200)
    app.clock.advance(2 * hourMs)
    expect((await refresh(third.body.refresh_token)).status).toBe(401)
  })

  test('no token outlives its session', async () => {
    const { token } = await logIn()
    const { sub, sid } = JSON.parse(atob(token.split('.')[1] ?? '')) as Record<string, string>
    app.clock.advance(1.5 * hourMs)
    const subject = { userId: sub ?? '', sessionId: sid ?? '' }
    const late = await app.opened.context.use(tokens).signAccess(subject)
    expect(await me(late)).toBe(200)
    app.clock.advance(0.5 * hourMs)
    expect(await detail(late)).toEqual([401, 'This session has ended. Log in again.'])
  })

  test('not after log-out, nor of one who is deactivated', async () => {
    const [first, other] = [await logIn(), await logIn()]
    await app.request(null, 'POST /api/auth/logout', undefined, bearer(first.token))
    expect((await refresh(first.refresh_token)).status).toBe(401)
    const found = await app.request<{ id: string }[]>('admin', 'GET /api/admin/users?q=ada')
    await app.request('admin', `PATCH /api/admin/users/${found.body[0]?.id}`, { is_active: false })
    expect((await refresh(other.refresh_token)).status).toBe(401)
  })

  test('takes refresh tokens alone', async () => {
    const pair = await logIn()
    expect((await refresh(pair.token)).status).toBe(401)
    expect((await refresh('x')).status).toBe(401)
    expect((await refresh(`${pair.refresh_token}x`)).status).toBe(401)
    expect(await me(pair.refresh_token)).toBe(401)
    expect((await refresh('')).status).toBe(400)
    expect((await refresh(pair.refresh_token)).status).toBe(200)
  })
})

eachDialect('sessions', (dialect) => {
  beforeEach(async () => {
    await app?.close()
    await open(dialect)
  })
  afterAll(() => app.close())

  test('log-out ends this session at once, no other', async () => {
    const [one, other] = [await logIn(), await logIn()]
    const answer = await app.request(null, 'POST /api/auth/logout', undefined, bearer(one.token))
    expect([answer.status, answer.body]).toEqual([200, { message: 'Logged out' }])
    expect(await detail(one.token)).toEqual([401, 'This session has ended. Log in again.'])
    expect(await me(other.token)).toBe(200)
  })

  test('are listed newest first, with where they come from', async () => {
    const one = await logIn({ 'user-agent': 'Pad/1' })
    app.clock.advance(1000)
    await app.from('2001:db8::7')(null, 'POST /api/auth/login', { username: 'ada', password })
    const list = await sessions(one.token)
    expect(list.map(({ address, user_agent, current }) => [address, user_agent, current])).toEqual([
      ['2001:db8::7', null, false],
      ['127.0.0.1', 'Pad/1', true],
      ['127.0.0.1', null, false],
    ])
    expect(Object.keys(list[0] ?? {}).sort()).toEqual([
      'address',
      'created_at',
      'current',
      'id',
      'last_used_at',
      'user_agent',
    ])
  })

  test('a long or strange user agent does no harm', async () => {
    const pair = await logIn({ 'user-agent': `${'x'.repeat(299)}ÿ${'y'.repeat(5000)}` })
    expect((await sessions(pair.token))[0]?.user_agent).toBe(`${'x'.repeat(299)}ÿ`)
  })

  test('can be ended one by one, by their owner alone', async () => {
    const [one, other] = [await logIn(), await logIn()]
    const id = (await sessions(other.token)).find(({ current }) => current)?.id
    expect((await app.request('bob', `DELETE /api/auth/sessions/${id}`)).status).toBe(404)
    expect((await app.request('admin', `DELETE /api/auth/sessions/${id}`)).status).toBe(404)
    expect(await me(other.token)).toBe(200)
    const end = () =>
      app.request(null, `DELETE /api/auth/sessions/${id}`, undefined, bearer(one.token))
    expect((await end()).body).toEqual({ message: 'Session ended' })
    expect(await me(other.token)).toBe(401)
    expect((await end()).status).toBe(404)
  })

  test('the time of last use is noted once a minute', async () => {
    const { token } = await logIn()
    const lastUsed = async () => {
      // On SQLite, whatever was noted behind the request's back is done before this.
      await app.opened.database.write('after', () => undefined)
      const rows = await app.request<{ current: boolean; last_used_at: string }[]>(
        null,
        'GET /api/auth/sessions',
        undefined,
        bearer(token),
      )
      return rows.body.find(({ current }) => current)?.last_used_at.slice(14, 19)
    }
    // On PostgreSQL, what must come is waited for; what must not has had its time.
    const until = async (expected: string) => {
      let noted = await lastUsed()
      for (let turn = 0; noted !== expected && turn < 500; turn += 1) noted = await lastUsed()
      return noted
    }
    const moments = { '0 s': '00:00', '59 s': '00:00', '1 s': '01:00', '61 s': '02:01' }
    for (const [later, expected] of Object.entries(moments)) {
      app.clock.advance(Number.parseInt(later, 10) * 1000)
      await me(token)
      expect(await until(expected)).toBe(expected)
    }
  })

  test('those whose time is over are removed by a job', async () => {
    await logIn()
    app.clock.advance(30 * 24 * hourMs)
    await logIn()
    await new JobRunner(app.app.jobs, app.opened.context).runNow('session.expire')
    const rows = await app.opened.database.reader.execute('select id from sessions')
    expect(rows).toHaveLength(1)
  })
})

eachDialect('who comes with which token', (dialect) => {
  let good = ''
  beforeAll(async () => {
    await open(dialect)
    good = (await logIn()).token
  })
  afterAll(() => app.close())

  const line = 'GET /api/auth/me'
  scenarios(() => app, { nobody: [null, line, undefined, 401, { code: 'unauthenticated' }] })

  const headers: Readonly<Record<string, () => string>> = {
    'another scheme': () => 'Basic YWRhOmFkYQ==',
    'no token': () => 'Bearer',
    'an empty token': () => 'Bearer ',
    'a token without a scheme': () => good,
    'a word': () => 'Bearer token',
    'half a token': () => `Bearer ${good.slice(0, -10)}`,
    'two tokens': () => `Bearer ${good}, Bearer ${good}`,
    'a token with a dot after it': () => `Bearer ${good}.`,
  }
  for (const [name, header] of Object.entries(headers))
    test(`${name}: 401 with WWW-Authenticate`, async () => {
      const answer = await app.request(null, line, undefined, { authorization: header() })
      expect(answer.status).toBe(401)
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
    })

  test('a token for a user who is not there, a session who is not his', async () => {
    const signing = app.opened.context.use(tokens)
    const [ada, bob] = [await app.as('ada2'), await app.as('bob')]
    const claims = JSON.parse(atob(ada.token.split('.')[1] ?? '')) as { sid: string }
    const nobody = '019b76da-a800-7000-8000-000000000000'
    const sign = (userId: string) => signing.signAccess({ userId, sessionId: claims.sid })
    expect(await detail(await sign(nobody))).toEqual([401, 'This account does not exist any more.'])
    expect(await detail(await sign(bob.id))).toEqual([401, 'This session has ended. Log in again.'])
    expect(await me(await sign(ada.id))).toBe(200)
  })

  test('a deactivated user is told so at the next request', async () => {
    const cid = await app.as('cid')
    const { database } = app.opened
    const binding = { actor: anonymous, nowMs: app.clock.nowMs }
    await database.write('off', (executor) =>
      bindSystem(database, { ...binding, executor })(User).change(cid.id, { is_active: false }),
    )
    expect(await detail(cid.token)).toEqual([401, 'This account is deactivated.'])
  })

  test('a change of role counts at the next request', async () => {
    const dan = await app.as('dan')
    const list = async () => (await app.request('dan', 'GET /api/admin/users')).status
    expect(await list()).toBe(403)
    await app.request('admin', `PATCH /api/admin/users/${dan.id}`, { role: 'admin' })
    expect(await list()).toBe(200)
    await app.request('admin', `PATCH /api/admin/users/${dan.id}`, { role: 'staff' })
    expect(await list()).toBe(403)
  })
})
