import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { eachDialect, scenarios, type TestApp, testApp } from '#kit/testing'
import { accounts } from '#tools/accounts'

type Fields = Readonly<Record<string, unknown>>
type SignedIn = { readonly token: string; readonly user: Fields }

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

eachDialect('my account', (dialect) => {
  let app: TestApp
  beforeAll(async () => {
    app = await testApp([accounts], { dialect })
    await app.request(null, 'POST /api/auth/signup', {
      email: 'bob@b.co',
      password: 'correct horse',
    })
  })
  afterAll(() => app.close())

  const change = 'PATCH /api/users/me'
  const invalid = { code: 'invalid' }
  scenarios(() => app, {
    'who am I': ['ada', 'GET /api/auth/me', undefined, 200, { user: { username: 'ada' } }],
    'nobody is nobody': [null, 'GET /api/auth/me', undefined, 401],
    'my name': ['ada', change, { name: ' Ada L. ' }, 200, { name: 'Ada L.', email: null }],
    'my address': [
      'ada',
      change,
      { email: 'ada@b.co' },
      200,
      { name: 'Ada L.', email: 'ada@b.co' },
    ],
    'neither any more': ['ada', change, { name: null, email: null }, 200, { name: null }],
    'an address that is taken': ['ada', change, { email: 'BOB@b.co' }, 409, { code: 'conflict' }],
    'my own address again': ['ada', change, { email: 'ADA@b.co' }, 200],
    nothing: ['ada', change, {}, 400, invalid],
    'my role': ['ada', change, { role: 'admin' }, 400, invalid],
    'my username': ['ada', change, { username: 'eve' }, 400, invalid],
    'my number': ['ada', change, { partner_number: 'US1' }, 400, invalid],
    'my id': ['ada', change, { id: 'x', name: 'x' }, 400, invalid],
    'my password': ['ada', change, { password_hash: 'x' }, 400, invalid],
    'an address that is none': ['ada', change, { email: 'x' }, 400, invalid],
    'not mine': [null, change, { name: 'x' }, 401],
  })

  test('an address that is the only way to log in stays', async () => {
    const body = { email: 'bob@b.co', password: 'correct horse' }
    const bob = await app.request<SignedIn>(null, 'POST /api/auth/login', body)
    const drop = (patch: Fields) => app.request(null, change, patch, bearer(bob.body.token))
    expect((await drop({ email: null })).status).toBe(400)
    expect((await drop({ email: 'rob@b.co' })).status).toBe(200)
  })

  test('If-None-Match spares what is known', async () => {
    const { headers } = await app.request('ada', 'GET /api/auth/me')
    const known = { 'if-none-match': headers.get('etag') }
    expect((await app.request('ada', 'GET /api/auth/me', undefined, known)).status).toBe(304)
  })
})

eachDialect('a change of password', (dialect) => {
  let app: TestApp
  let token = ''
  beforeEach(async () => {
    await app?.close()
    app = await testApp([accounts], { dialect })
    token = (await app.as('ada')).token
  })
  afterAll(() => app.close())

  const current_password = 'ada has a long password'
  const new_password = 'another long password'
  const change = (body: Fields) =>
    app.request(null, 'POST /api/auth/change-password', body, bearer(token))
  const logIn = async (password: string) =>
    app.request<SignedIn>(null, 'POST /api/auth/login', { username: 'ada', password })
  const me = async (other: string) =>
    (await app.request(null, 'GET /api/auth/me', undefined, bearer(other))).status

  test('ends all other sessions, of this user alone', async () => {
    const [other, bob] = [(await logIn(current_password)).body.token, await app.as('bob')]
    const answer = await change({ current_password, new_password })
    expect([answer.status, answer.body]).toEqual([200, { message: 'Password changed' }])
    expect([await me(token), await me(other), await me(bob.token)]).toEqual([200, 401, 200])
    expect((await logIn(current_password)).status).toBe(401)
    expect((await logIn(new_password)).status).toBe(200)
  })

  test('needs the current one, and so often only', async () => {
    const wrong = { current_password: 'not my password', new_password }
    const statuses: number[] = []
    for (let time = 0; time < 6; time += 1) statuses.push((await change(wrong)).status)
    expect(statuses).toEqual([403, 403, 403, 403, 403, 429])
    expect((await change({ current_password, new_password })).status).toBe(429)
    app.clock.advance(900_000)
    expect((await change({ current_password, new_password })).status).toBe(200)
  })

  test('needs a new one that is good', async () => {
    const bad = ['short', 'x1y2z3w', 'password1', 'a'.repeat(73), current_password, 12345678]
    for (const wanted of bad) {
      const answer = await change({ current_password, new_password: wanted })
      expect(answer.status).toBe(400)
      expect(answer.body).toMatchObject({ errors: [{ path: 'new_password' }] })
    }
    expect((await logIn(current_password)).status).toBe(200)
  })

  test('of two at once one wins, and the other learns of it', async () => {
    const wanted = ['first long password', 'other long password']
    const answers = await Promise.all(
      wanted.map((one) => change({ current_password, new_password: one })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    const won = answers.findIndex(({ status }) => status === 200)
    expect((await logIn(wanted[won] ?? '')).status).toBe(200)
  })

  test('is for the signed in', async () => {
    const body = { current_password, new_password }
    const answer = await app.request(null, 'POST /api/auth/change-password', body)
    expect(answer.status).toBe(401)
  })
})

eachDialect('a change of PIN', (dialect) => {
  let app: TestApp
  beforeAll(async () => {
    app = await testApp([accounts], { dialect })
    const body = { partner_number: 'US1234', pin: '0420', role: 'staff', username: 'sam' }
    await app.request('admin', 'POST /api/admin/users', body)
  })
  afterAll(() => app.close())

  test('of staff: the new one logs in, the old one does not', async () => {
    const logIn = (pin: string) =>
      app.request<SignedIn>(null, 'POST /api/auth/login', { partner_number: 'US1234', pin })
    const { token } = (await logIn('0420')).body
    const change = async (current_pin: unknown, new_pin: unknown) =>
      app.request(null, 'POST /api/auth/change-pin', { current_pin, new_pin }, bearer(token))
    expect((await change('0421', '1111')).status).toBe(403)
    for (const bad of ['123', '12345', 1234, 'abcd', '0420'])
      expect((await change('0420', bad)).status).toBe(400)
    expect((await change('0420', '7777')).body).toEqual({ message: 'PIN changed' })
    expect([(await logIn('0420')).status, (await logIn('7777')).status]).toEqual([401, 200])
  })

  scenarios(() => app, {
    'is not for users': [
      'ada',
      'POST /api/auth/change-pin',
      { current_pin: '0420', new_pin: '1111' },
      403,
      { code: 'forbidden' },
    ],
    'is refused with a wrong one': [
      'staff1',
      'POST /api/auth/change-pin',
      { current_pin: '0420', new_pin: '1111' },
      403,
    ],
  })
})
