import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { eachDialect, type Scenario, scenarios, type TestApp, testApp } from '#kit/testing'
import { accounts } from '#tools/accounts'

type Fields = Readonly<Record<string, unknown>>
type Answered = { readonly user: Fields & { readonly id: string } }

const users = '/api/admin/users'
const nobody = '019b76da-a800-7000-8000-000000000000'
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

eachDialect('the admin routes', (dialect) => {
  let app: TestApp
  beforeAll(async () => {
    app = await testApp([accounts], { dialect })
    for (const name of ['ada', 'bob', 'staff1', 'admin2']) await app.as(name)
  })
  afterAll(() => app.close())

  const lines = [
    `GET ${users}`,
    `POST ${users}`,
    `GET ${users}/${nobody}`,
    `PATCH ${users}/${nobody}`,
    `DELETE ${users}/${nobody}`,
    `POST ${users}/${nobody}/restore`,
    `POST ${users}/${nobody}/reset-password`,
    `POST ${users}/${nobody}/reset-pin`,
    'POST /api/admin/invites',
  ]
  for (const line of lines) {
    const body = /POST|PATCH/.test(line) ? {} : undefined
    scenarios(() => app, {
      nobody: [null, line, body, 401],
      'a user': ['ada', line, body, 403],
      staff: ['staff1', line, body, 403],
    })
  }

  const post = (body: Fields, status: number, contains?: Scenario[4]): Scenario =>
    contains === undefined
      ? ['admin', `POST ${users}`, body, status]
      : ['admin', `POST ${users}`, body, status, contains]
  const bad = (body: Fields, path: string) => post(body, 400, { errors: [{ path }] })
  const patch = (body: Fields, status: number): Scenario => [
    'admin',
    `PATCH ${users}/{ada}`,
    body,
    status,
  ]
  const password = 'correct horse'
  scenarios(() => app, {
    'make a user': post({ username: 'cid', password }, 201, { user: { role: 'user' } }),
    'make an admin': post({ username: 'adm', password, role: 'admin' }, 201, {
      user: { is_admin: true },
    }),
    'with a number and a PIN': post({ partner_number: 'us77', pin: '1234', role: 'staff' }, 201, {
      user: { partner_number: 'US77', username: null },
    }),
    'a number that is taken': post({ partner_number: 'uS77', pin: '1234' }, 409),
    'a name that is taken': post({ username: 'CID' }, 409),
    'without any name': bad({ name: 'X', password }, 'email'),
    'a PIN without a number': bad({ username: 'x12', pin: '1234' }, 'partner_number'),
    'a number too short': bad({ partner_number: 'us7' }, 'partner_number'),
    'a number too long': bad({ partner_number: 'u'.repeat(21) }, 'partner_number'),
    'a number with a sign': bad({ partner_number: 'us-77' }, 'partner_number'),
    'a PIN with a letter': bad({ partner_number: 'us78', pin: '12a4' }, 'pin'),
    'a role that is none': bad({ username: 'x12', role: 'root' }, 'role'),
    'a common password': bad({ username: 'x12', password: 'password1' }, 'password'),
    'an unknown key': bad({ username: 'x12', is_admin: true }, 'is_admin'),
    'get one': ['admin', `GET ${users}/{ada}`, undefined, 200, { user: { username: 'ada' } }],
    'get none': ['admin', `GET ${users}/${nobody}`, undefined, 404],
    'get what is no id': ['admin', `GET ${users}/1`, undefined, 404],
    'change nothing': patch({}, 400),
    'change a name': patch({ name: 'Ada' }, 200),
    'change an address': patch({ email: 'ada@b.co' }, 200),
    'change a username': patch({ username: 'x12' }, 400),
    'change a role to none': patch({ role: 'root' }, 400),
    'change a number for a boolean': patch({ is_active: 1 }, 400),
    'change none': ['admin', `PATCH ${users}/${nobody}`, { name: 'x' }, 404],
    'delete none': ['admin', `DELETE ${users}/${nobody}`, undefined, 404],
    'restore none': ['admin', `POST ${users}/${nobody}/restore`, undefined, 404],
    'reset none': ['admin', `POST ${users}/${nobody}/reset-password`, undefined, 404],
    'a PIN for none': ['admin', `POST ${users}/${nobody}/reset-pin`, undefined, 404],
    'a PIN for whoever has no number': ['admin', `POST ${users}/{bob}/reset-pin`, undefined, 409],
    'an invite for too long': ['admin', 'POST /api/admin/invites', { expires_in: 1e9 }, 400],
    'an invite for no role': ['admin', 'POST /api/admin/invites', { role: 'root' }, 400],
  })

  test('the list is filtered, searched, counted and paged', async () => {
    const list = async (query: string) => {
      const answer = await app.request<Fields[]>('admin', `GET ${users}?${query}`)
      return answer.body.map(({ username }) => username)
    }
    expect(await list('role=staff&q=staff')).toEqual(['staff1'])
    expect(await list('q=ADA')).toEqual(['ada'])
    expect(await list('is_active=false')).toEqual([])
    const page = await app.request<Fields[]>('admin', `GET ${users}?limit=2&count=true`)
    expect(page.body).toHaveLength(2)
    expect(page.headers.get('x-total-count')).toBe('8')
    expect(page.headers.get('link')).toContain('rel="next"')
    expect(page.text).not.toMatch(/hash|state|pin"/)
    expect((await app.request('admin', `GET ${users}?role=root`)).status).toBe(400)
    expect((await app.request('admin', `GET ${users}?password_hash=x`)).status).toBe(400)
  })

  test('If-Match guards a change', async () => {
    const { headers } = await app.request('admin', `GET ${users}/{bob}`)
    const etag = headers.get('etag')
    const change = async (name: string) =>
      app.request('admin', `PATCH ${users}/{bob}`, { name }, { 'if-match': etag })
    app.clock.advance(1000)
    expect([(await change('B')).status, (await change('C')).status]).toEqual([200, 412])
  })
})

eachDialect('deactivation', (dialect) => {
  let app: TestApp
  beforeEach(async () => {
    await app?.close()
    app = await testApp([accounts], { dialect })
  })
  afterAll(() => app.close())

  const me = async (name: string) => (await app.request(name, 'GET /api/auth/me')).status
  const status = async (who: string, line: string, body?: unknown) =>
    (await app.request(who, line, body)).status

  for (const [name, method, body] of [
    ['by delete', 'DELETE', undefined],
    ['by patch', 'PATCH', { is_active: false }],
  ] as const)
    test(`${name}: ends the sessions for good; restore brings the user back`, async () => {
      const ada = await app.as('ada')
      expect(await status('admin', `${method} ${users}/{ada}`, body)).toBe(200)
      expect(await me('ada')).toBe(401)
      const logIn = async () =>
        (
          await app.request(null, 'POST /api/auth/login', {
            username: 'ada',
            password: ada.password,
          })
        ).status
      expect(await logIn()).toBe(403)
      const listed = await app.request<Fields[]>('admin', `GET ${users}?is_active=false`)
      expect(listed.body.map(({ id }) => id)).toEqual([ada.id])
      const restored = await app.request<Answered>('admin', `POST ${users}/{ada}/restore`)
      expect(restored.body.user).toMatchObject({ id: ada.id, is_active: true })
      expect(await me('ada')).toBe(401)
      expect(await logIn()).toBe(200)
    })

  test('the names of a deactivated user stay his', async () => {
    const body = { username: 'cid', partner_number: 'US1234' }
    const made = await app.request<Answered>('admin', `POST ${users}`, body)
    await app.request('admin', `DELETE ${users}/${made.body.user.id}`)
    expect(await status('admin', `POST ${users}`, { username: 'Cid' })).toBe(409)
    expect(await status('admin', `POST ${users}`, { partner_number: 'us1234' })).toBe(409)
  })

  test('nobody deletes himself, and the last admin stays one', async () => {
    expect(await status('admin', `DELETE ${users}/{admin}`)).toBe(403)
    expect(await status('admin', `PATCH ${users}/{admin}`, { is_active: false })).toBe(409)
    expect(await status('admin', `PATCH ${users}/{admin}`, { role: 'staff' })).toBe(409)
    expect(await status('admin', `PATCH ${users}/{admin}`, { role: 'admin', name: 'A' })).toBe(200)
    await app.as('admin2')
    expect(await status('admin', `DELETE ${users}/{admin}`)).toBe(403)
    expect(await status('admin', `PATCH ${users}/{admin}`, { is_active: false })).toBe(403)
    expect(await status('admin2', `PATCH ${users}/{admin}`, { role: 'user' })).toBe(200)
    expect(await status('admin2', `PATCH ${users}/{admin2}`, { role: 'user' })).toBe(409)
    expect(await me('admin2')).toBe(200)
  })

  test('a deactivated admin is none of those who are left', async () => {
    await app.as('admin2')
    expect(await status('admin', `DELETE ${users}/{admin2}`)).toBe(200)
    expect(await status('admin', `PATCH ${users}/{admin}`, { role: 'user' })).toBe(409)
  })

  test('two admins who demote each other at once: one is left', async () => {
    await app.as('admin2')
    const statuses = await Promise.all([
      status('admin', `PATCH ${users}/{admin2}`, { role: 'user' }),
      status('admin2', `PATCH ${users}/{admin}`, { role: 'user' }),
    ])
    expect(statuses.filter((one) => one === 200)).toHaveLength(1)
  })
})

eachDialect('temporary secrets', (dialect) => {
  let app: TestApp
  beforeEach(async () => {
    await app?.close()
    app = await testApp([accounts], { dialect })
    const body = { username: 'sam', partner_number: 'US1234', pin: '0420', role: 'staff' }
    await app.request('admin', `POST ${users}`, { ...body, password: 'correct horse' })
  })
  afterAll(() => app.close())

  type Reset = Answered & { temporary_password: string; temporary_pin: string }
  const logIn = (body: Fields) => app.request<{ token: string }>(null, 'POST /api/auth/login', body)
  const byPassword = (password: string) => logIn({ username: 'sam', password })
  const byPin = (pin: string) => logIn({ partner_number: 'US1234', pin })
  const reset = async (what: string) => {
    const [sam] = (await app.request<{ id: string }[]>('admin', `GET ${users}?q=sam`)).body
    return (await app.request<Reset>('admin', `POST ${users}/${sam?.id}/${what}`)).body
  }
  const as = async (token: string, line: string, body?: unknown) => {
    const answer = await app.request<Fields>(null, line, body, bearer(token))
    return answer.status === 200 ? 200 : `${answer.status} ${answer.body['code']}`
  }

  test('a temporary password ends the sessions and logs in once', async () => {
    const { token } = (await byPassword('correct horse')).body
    const { temporary_password, user } = await reset('reset-password')
    expect(user).toMatchObject({ username: 'sam' })
    expect(temporary_password).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/)
    expect(await as(token, 'GET /api/auth/me')).toBe('401 unauthenticated')
    expect((await byPassword('correct horse')).status).toBe(401)
    const answers = await Promise.all([1, 2].map(() => byPassword(temporary_password)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401])
    expect((await byPassword(temporary_password)).status).toBe(401)
  })

  test('until it is changed all but the way to change it is refused', async () => {
    const { temporary_password } = await reset('reset-password')
    const { token } = (await byPassword(temporary_password)).body
    expect(await as(token, 'GET /api/auth/me')).toBe(200)
    for (const line of ['GET /api/auth/sessions', `GET ${users}`])
      expect(await as(token, line)).toBe('403 must_change')
    expect(await as(token, 'PATCH /api/users/me', { name: 'S' })).toBe('403 must_change')
    const change = (new_password: string) =>
      as(token, 'POST /api/auth/change-password', {
        current_password: temporary_password,
        new_password,
      })
    expect(await change('password1')).toBe('400 invalid')
    expect(await change('a password of my own')).toBe(200)
    expect(await as(token, 'GET /api/auth/sessions')).toBe(200)
    expect((await byPassword('a password of my own')).status).toBe(200)
  })

  test('one may log out instead, and then needs another', async () => {
    const { temporary_password } = await reset('reset-password')
    const { token } = (await byPassword(temporary_password)).body
    expect(await as(token, 'POST /api/auth/logout')).toBe(200)
    expect((await byPassword(temporary_password)).status).toBe(401)
    const again = await reset('reset-password')
    expect((await byPassword(again.temporary_password)).status).toBe(200)
  })

  test('a temporary PIN holds every session until it is changed', async () => {
    const { temporary_pin } = await reset('reset-pin')
    expect(temporary_pin).toMatch(/^\d{4}$/)
    const { token } = (await byPin(temporary_pin)).body
    expect((await byPin(temporary_pin)).status).toBe(401)
    const other = (await byPassword('correct horse')).body
    for (const one of [token, other.token])
      expect(await as(one, 'GET /api/auth/sessions')).toBe('403 must_change')
    const new_pin = temporary_pin === '4321' ? '1234' : '4321'
    const body = { current_pin: temporary_pin, new_pin }
    expect(await as(token, 'POST /api/auth/change-pin', body)).toBe(200)
    expect(await as(token, 'GET /api/auth/sessions')).toBe(200)
    expect((await byPin(new_pin)).status).toBe(200)
  })

  test('who is staff no more is not held by a PIN that he cannot change', async () => {
    const { user } = await reset('reset-pin')
    await app.request('admin', `PATCH ${users}/${user.id}`, { role: 'user' })
    const { token } = (await byPassword('correct horse')).body
    expect(await as(token, 'GET /api/auth/sessions')).toBe(200)
    expect((await app.request('admin', `POST ${users}/${user.id}/reset-pin`)).status).toBe(409)
  })
})
