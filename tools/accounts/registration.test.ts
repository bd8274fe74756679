import { afterAll, beforeAll, expect, test } from 'bun:test'
import { eachDialect, type Scenario, scenarios, type TestApp, testApp } from '#kit/testing'
import { accounts } from '#tools/accounts'

const password = 'correct horse'
const register = 'POST /api/auth/register'
const signup = 'POST /api/auth/signup'

type Fields = Readonly<Record<string, unknown>>

interface SignedIn {
  readonly token: string
  readonly user: Fields
}

/** A registration that is fine. */
const fine = (body: Fields): Scenario => [null, register, { password, ...body }, 201]

const fineSignup = (body: Fields): Scenario => [null, signup, { password, ...body }, 201]

/** A registration that would be fine but for one field. */
const bad = (body: Fields): Scenario => {
  const errors = Object.keys(body).map((path) => ({ path }))
  return [null, register, { username: 'eve', password, ...body }, 400, { code: 'invalid', errors }]
}

const taken = (line: string, body: Fields, path: string): Scenario => [
  null,
  line,
  { password, ...body },
  409,
  { code: 'conflict', errors: [{ path, code: 'taken' }] },
]

eachDialect('registration', (dialect) => {
  let app: TestApp
  beforeAll(async () => {
    app = await testApp([accounts], { dialect })
  })
  afterAll(() => app.close())

  test('answers tokens and the user, and nothing internal', async () => {
    const given = { email: ' Ada@Example.com ', name: ' Ada Lovelace ' }
    const sent = { username: 'Ada', password, ...given }
    const { status, headers, body } = await app.request<SignedIn>(null, register, sent)
    expect(status).toBe(201)
    expect(headers.get('cache-control')).toBe('no-store')
    const now = '2026-01-01T00:00:00.000Z'
    expect(body).toEqual({
      token: expect.any(String),
      refresh_token: expect.any(String),
      expires_in: 86_400,
      user: {
        id: expect.any(String),
        username: 'Ada',
        email: 'Ada@Example.com',
        name: 'Ada Lovelace',
        partner_number: null,
        role: 'user',
        is_admin: false,
        is_active: true,
        created_at: now,
        updated_at: now,
        last_login: now,
      },
    } as never)
  })

  scenarios(() => app, {
    'by e-mail address': fineSignup({ email: 'bob@b.co' }),
    'by e-mail address, with a name': fineSignup({ email: 'n@b.co', name: 'N' }),
    'by username at signup': fineSignup({ username: 'cid' }),
    'optional fields may be null': fine({ username: 'nul', email: null, name: null }),
    'the shortest': fine({ username: 'a.b', password: 'x1y2z3w4' }),
    'eight letters beyond ASCII': fine({ username: 'beyond', password: 'äöüßéèàñ' }),
    'a password of 72 bytes': fine({ username: 'long', password: 'a'.repeat(72) }),
    'a password of 72 bytes in 36 letters': fine({ username: 'long2', password: 'ä'.repeat(36) }),
  })

  scenarios(() => app, {
    'a username taken': taken(register, { username: 'Ada' }, 'username'),
    'a username taken in another case': taken(register, { username: 'aDA' }, 'username'),
    'an e-mail taken in another case': taken(signup, { email: 'BOB@b.CO' }, 'email'),
    'nobody makes himself an admin': bad({ role: 'admin' }),
    'nor active': bad({ is_active: true }),
    'nor takes an id': bad({ id: '019b76da-a800-7000-8000-000000000000' }),
    'nor brings a hash': bad({ password_hash: 'x' }),
    'nor a partner number': bad({ partner_number: 'US1234' }),
    'a username too short': bad({ username: 'ab' }),
    'a username too long': bad({ username: 'a'.repeat(81) }),
    'a username with a space': bad({ username: 'a b c' }),
    'a username beyond ASCII': bad({ username: 'ädä' }),
    'a username that is an address': bad({ username: 'a@b.co' }),
    'a username that is a number': bad({ username: 12345 }),
    'no e-mail address': bad({ email: 'bob' }),
    'an e-mail address too long': bad({ email: `${'b'.repeat(120)}@b.co` }),
    'a name too long': bad({ name: 'é'.repeat(101) }),
    'an empty name': bad({ name: '  ' }),
    'a password too short': bad({ password: 'x1y2z3w' }),
    'eight bytes that are four letters': bad({ password: 'äöüß' }),
    'a password of 73 bytes': bad({ password: 'a'.repeat(73) }),
    'a password of 73 bytes in 37 letters': bad({ password: `${'ä'.repeat(36)}a` }),
    'a common password': bad({ password: 'Password1' }),
    'NUL in a password': bad({ password: 'correct\0horse' }),
    'a lone surrogate in a password': bad({ password: 'correct \ud800 horse' }),
    'a password that is a number': bad({ password: 1234567890 }),
    'all faults at once': bad({ username: 'e', password: 'short', email: 'x', extra: 1 }),
    'an empty body': [null, register, {}, 400, { code: 'invalid' }],
    'not JSON': [null, register, '{', 400, { code: 'malformed' }],
    'none of the refused is there': [
      null,
      'POST /api/auth/login',
      { username: 'eve', password },
      401,
    ],
  })

  test('of two of one name at once one is made, the other is a conflict', async () => {
    const answers = await Promise.all(
      ['twin', 'TWIN'].map((username) => app.request(null, register, { username, password })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
  })
})

eachDialect('registration that is not open', (dialect) => {
  const body = (username: string, invite?: string) => ({ username, password, invite })

  async function open(mode: string) {
    const app = await testApp([accounts], { dialect, environment: { REGISTRATION: mode } })
    const invite = async (spec: object) =>
      (await app.request<Fields>('admin', 'POST /api/admin/invites', spec)).body
    const send = async (username: string, code?: unknown) =>
      (await app.request(null, register, body(username, code as string))).status
    return { app, invite, send }
  }

  test('closed: nobody registers, invited or not', async () => {
    const { app, invite, send } = await open('closed')
    const { code } = await invite({})
    expect([await send('ada'), await send('ada', code)]).toEqual([403, 403])
    expect(await app.request(null, signup, body('ada'))).toMatchObject({ status: 403 })
    await app.close()
  })

  test('by invitation: a code is good for one registration', async () => {
    const { app, invite, send } = await open('invite')
    const { code } = await invite({})
    expect([await send('ada'), await send('ada', 'x'), await send('ada', '')]).toEqual([
      403, 403, 403,
    ])
    // One that fails does not use it up.
    expect([await send('admin', code), await send('ada', code)]).toEqual([409, 201])
    expect(await send('bob', code)).toBe(403)
    await app.close()
  })

  test('by invitation: a code is good for a time, and for its role', async () => {
    const { app, invite, send } = await open('invite')
    const made = await invite({ role: 'staff', expires_in: 3600 })
    expect(made).toEqual({
      code: expect.stringMatching(/^[\w-]{22}$/),
      role: 'staff',
      expires_at: '2026-01-01T01:00:00.000Z',
    })
    const late = await invite({ expires_in: 3600 })
    app.clock.advance(3_599_999)
    expect(await send('ada', made['code'])).toBe(201)
    app.clock.advance(1)
    expect(await send('bob', late['code'])).toBe(403)
    const found = await app.request<Fields[]>('admin', 'GET /api/admin/users?q=ada')
    expect(found.body[0]).toMatchObject({ username: 'ada', role: 'staff' })
    await app.close()
  })

  test('of two who come with one code at once one is let in', async () => {
    const { app, invite, send } = await open('invite')
    const { code } = await invite({})
    const answers = await Promise.all([send('ada', code), send('bob', code)])
    expect(answers.sort()).toEqual([201, 403])
    await app.close()
  })

  test('the code is kept nowhere', async () => {
    const { app, invite } = await open('invite')
    const { code } = await invite({})
    const rows = await app.opened.database.reader.execute('select * from invites')
    expect(rows).toHaveLength(1)
    expect(JSON.stringify(rows)).not.toContain(String(code))
    await app.close()
  })
})

eachDialect('what the environment says of registration', (dialect) => {
  test('PASSWORD_MIN_LENGTH holds', async () => {
    const app = await testApp([accounts], { dialect, environment: { PASSWORD_MIN_LENGTH: '14' } })
    const status = async (secret: string) =>
      (await app.request(null, register, { username: 'ada', password: secret })).status
    expect([await status(password), await status(`${password}!`)]).toEqual([400, 201])
    await app.close()
  })

  test('every limited answer says what is left of its limit', async () => {
    const app = await testApp([accounts], { dialect, environment: { REGISTRATION_LIMIT: '2' } })
    const left = async (path: string, body: object) => {
      const { status, headers } = await app.request(null, path, body)
      return `${status} ${headers.get('ratelimit')} of ${headers.get('ratelimit-policy')}`
    }
    const login = 'POST /api/auth/login'
    expect(await left(register, { username: 'ada', password })).toBe(
      '201 "registration";r=1;t=3600 of "registration";q=2;w=3600',
    )
    expect(await left(login, { username: 'ada', password: 'wrong' })).toBe(
      '401 "account";r=4;t=900 of "account";q=5;w=900',
    )
    expect(await left(login, { username: 'ada', password })).toBe(
      '200 "account";r=5;t=900 of "account";q=5;w=900',
    )
    await app.close()
  })

  test('an address registers as often as REGISTRATION_LIMIT says in an hour', async () => {
    const app = await testApp([accounts], { dialect, environment: { REGISTRATION_LIMIT: '2' } })
    const from = async (address: string, username: string) =>
      (await app.from(address)(null, register, { username, password })).status
    const statuses = [
      await from('2001:db8::1', 'ada'),
      await from('2001:db8::2', 'bob'),
      await from('2001:db8::3', 'cid'),
      await from('2001:db8:0:1::1', 'dan'),
    ]
    expect(statuses).toEqual([201, 201, 429, 201])
    const refused = await app.from('2001:db8::4')(null, register, { username: 'eve', password })
    expect(refused.headers.get('retry-after')).toBe('3600')
    expect(refused.headers.get('ratelimit')).toBe('"registration";r=0;t=3600')
    app.clock.advance(3_600_000)
    expect(await from('2001:db8::3', 'cid')).toBe(201)
    await app.close()
  })
})
