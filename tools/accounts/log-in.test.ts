import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { createPasswords, passwords } from '#kit/auth'
import { createLog } from '#kit/core'
import { eachDialect, type Scenario, scenarios, type TestApp, testApp } from '#kit/testing'
import { openApp } from '#kit/tool'
import { accounts } from '#tools/accounts'

const password = 'correct horse'
const login = 'POST /api/auth/login'

type Fields = Readonly<Record<string, unknown>>

async function makeAda(app: TestApp): Promise<void> {
  const body = { username: 'ada', password, email: 'ada@b.co' }
  await app.request(null, 'POST /api/auth/register', body)
}

eachDialect('log-in', (dialect) => {
  let app: TestApp
  beforeAll(async () => {
    app = await testApp([accounts], { dialect })
    await makeAda(app)
    const post = (body: Fields) =>
      app.request<{ user: { id: string } }>('admin', 'POST /api/admin/users', body)
    await post({ username: 'staffer', partner_number: 'us1234', pin: '0420', role: 'staff' })
    const gone = await post({ username: 'gone', password })
    await app.request('admin', `DELETE /api/admin/users/${gone.body.user.id}`)
  })
  afterAll(() => app.close())

  const right = (body: Fields): Scenario => [null, login, body, 200, { user: { role: 'user' } }]
  const pinned = (body: Fields): Scenario => [null, login, body, 200, { user: { role: 'staff' } }]
  const wrong = (body: Fields): Scenario => [
    null,
    login,
    body,
    401,
    { code: 'unauthenticated', detail: 'The name or the secret is wrong.' },
  ]
  const bad = (body: unknown): Scenario => [null, login, body, 400]

  scenarios(() => app, {
    'by username': right({ username: 'ada', password }),
    'by username in another case, with spaces': right({ username: ' ADA ', password }),
    'by e-mail address as username': right({ username: 'Ada@B.co', password }),
    'by e-mail address': right({ email: 'ADA@b.co', password }),
    'by partner number and PIN': pinned({ partner_number: 'US1234', pin: '0420' }),
    'by partner number in lower case': pinned({ partner_number: ' us1234', pin: '0420' }),
    'a wrong password': wrong({ username: 'ada', password: 'correct horsf' }),
    'a password in another case': wrong({ username: 'ada', password: 'Correct horse' }),
    'a password with a space after it': wrong({ username: 'ada', password: `${password} ` }),
    'an unknown user': wrong({ username: 'nobody', password }),
    'an unknown e-mail address': wrong({ email: 'nobody@b.co', password }),
    'a name that is SQL': wrong({ username: "' or 1=1 --", password }),
    'a name that is a pattern': wrong({ username: 'ad%', password }),
    'a wrong PIN': wrong({ partner_number: 'US1234', pin: '0421' }),
    'the password as the name': wrong({ username: password, password }),
    'the PIN as the password': wrong({ username: 'staffer', password: '0420' }),
    'a username as the partner number': wrong({ partner_number: 'ada', pin: '0420' }),
    'a password of 100 letters': wrong({ username: 'ada', password: 'x'.repeat(100) }),
    'deactivated, with a wrong password': wrong({ username: 'gone', password: 'x' }),
    'deactivated, with the right one': [null, login, { username: 'gone', password }, 403],
    'a PIN that is a number': bad({ partner_number: 'US1234', pin: 420 }),
    'a PIN of five digits': bad({ partner_number: 'US1234', pin: '04200' }),
    'a PIN with a line after it': bad({ partner_number: 'US1234', pin: '0420\n' }),
    'a PIN of other digits': bad({ partner_number: 'US1234', pin: '٠٤٢٠' }),
    'a name of two kinds': bad({ username: 'ada', email: 'ada@b.co', password }),
    'a list as the name': bad({ username: ['ada'], password }),
    'an object as the password': bad({ username: 'ada', password: { ne: '' } }),
    'no password': bad({ username: 'ada' }),
    nothing: bad({}),
    'a list': bad([]),
    'not JSON': bad('{'),
  })

  test('answers no-store and notes the time, not as a change of the user', async () => {
    app.clock.advance(60_000)
    const answer = await app.request<{ user: Fields }>(null, login, { username: 'ada', password })
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.body.user).toMatchObject({
      last_login: '2026-01-01T00:01:00.000Z',
      updated_at: '2026-01-01T00:00:00.000Z',
    })
  })
})

eachDialect('attempts', (dialect) => {
  let app: TestApp
  beforeEach(async () => {
    await app?.close()
    app = await testApp([accounts], { dialect })
    await makeAda(app)
  })
  afterAll(() => app.close())

  const attempt = async (body: Fields, address = '127.0.0.1') =>
    (await app.from(address)(null, login, body)).status
  const many = async (times: number, body: Fields, address?: string) => {
    const statuses: number[] = []
    for (let time = 0; time < times; time += 1) statuses.push(await attempt(body, address))
    return statuses
  }
  const wrong = { username: 'ada', password: 'wrong' }
  const right = { username: 'ada', password }
  const five = [401, 401, 401, 401, 401]

  test('the sixth is refused, and so is the right secret, from everywhere', async () => {
    expect(await many(6, wrong)).toEqual([...five, 429])
    expect(await attempt(right, '198.51.100.1')).toBe(429)
    const refused = await app.request(null, login, right)
    expect(refused.headers.get('retry-after')).toBe('900')
    expect(refused.body).toMatchObject({ code: 'rate_limited', status: 429 })
    app.clock.advance(900_000)
    expect(await attempt(right)).toBe(200)
  })

  test('an account is one, however it is spelt', async () => {
    const spellings = ['ada', 'ADA', 'ada@b.co', ' Ada ', 'ADA@B.CO'].map((name) => ({
      ...wrong,
      username: name,
    }))
    for (const spelling of spellings) expect(await attempt(spelling)).toBe(401)
    expect(await attempt({ email: 'ada@B.co', password })).toBe(429)
  })

  test('an unknown account is counted like one that is there', async () => {
    const spellings = ['nobody', 'NOBODY', ' nobody', 'Nobody', 'nobody', 'nobody']
    const statuses: number[] = []
    for (const username of spellings) statuses.push(await attempt({ username, password }))
    expect(statuses).toEqual([...five, 429])
  })

  test('a mistyped name is kept nowhere: it may be a password', async () => {
    await attempt({ username: 'hunter2 is my secret', password: 'x' })
    const rows = await app.opened.database.reader.execute('select * from plinth_throttle')
    expect(rows.map((row) => String(row['key']).split(':')[0]).sort()).toEqual([
      'address',
      'registration',
      'unknown',
    ])
    expect(JSON.stringify(rows)).not.toContain('hunter2')
  })

  test('an address has twenty, whatever the accounts; a /64 is one address', async () => {
    const statuses: number[] = []
    for (let at = 0; at < 21; at += 1)
      statuses.push(await attempt({ ...wrong, username: `user${at}` }, `2001:db8::${at + 1}`))
    expect(statuses).toEqual([...Array<number>(20).fill(401), 429])
    expect(await attempt(right, '2001:db8::ffff')).toBe(429)
    expect(await attempt(right, '2001:db8:0:1::1')).toBe(200)
  })

  test('X-Forwarded-For makes no other address of it', async () => {
    const statuses: number[] = []
    for (let at = 0; at < 21; at += 1) {
      const headers = { 'x-forwarded-for': `198.51.100.${at}` }
      const body = { ...wrong, username: `user${at}` }
      statuses.push((await app.request(null, login, body, headers)).status)
    }
    expect(statuses.at(-1)).toBe(429)
  })

  test('six at once: five are wrong, the sixth is refused', async () => {
    const statuses = await Promise.all(Array.from({ length: 6 }, () => attempt(wrong)))
    expect(statuses.sort()).toEqual([...five, 429])
  })

  test('many right ones at once all get in', async () => {
    const statuses = await Promise.all(Array.from({ length: 40 }, () => attempt(right)))
    expect(new Set(statuses)).toEqual(new Set([200]))
  })

  /** Another server on the same database: how it answers a log-in. */
  const openAnother = async () => {
    const { config, clock } = app
    const opened = await openApp(app.app, {
      config,
      clock,
      log: createLog('silent'),
      overrides: [[passwords, createPasswords({ cost: 4 })]],
      migrate: 'leave',
    })
    const logIn = async (body: Fields) => {
      const sent = new Request('http://localhost/api/auth/login', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      return (await opened.http.fetch(sent, () => '127.0.0.1')).status
    }
    return { logIn, close: () => opened.close() }
  }

  test('many right ones on two servers at once all get in', async () => {
    const other = await openAnother()
    const answers = Array.from({ length: 40 }, (_, at) =>
      at % 2 === 0 ? attempt(right) : other.logIn(right),
    )
    expect(new Set(await Promise.all(answers))).toEqual(new Set([200]))
    await other.close()
  })

  test('wrong ones on two servers at once: five are wrong, the others are refused', async () => {
    const other = await openAnother()
    const answers = Array.from({ length: 12 }, (_, at) =>
      at % 2 === 0 ? attempt(wrong) : other.logIn(wrong),
    )
    const statuses = (await Promise.all(answers)).sort()
    expect(statuses).toEqual([...five, ...Array(7).fill(429)])
    await other.close()
  })

  test('bad input is no attempt', async () => {
    for (let at = 0; at < 8; at += 1) expect(await attempt({ username: 'ada' })).toBe(400)
    expect(await attempt(right)).toBe(200)
  })

  test('the lock outlives a restart', async () => {
    await many(5, wrong)
    await app.opened.close()
    const reopened = await openAnother()
    expect(await reopened.logIn(right)).toBe(429)
    await reopened.close()
  })

  test('an unknown user and a wrong secret cost one hash each, and so does a deactivated one', async () => {
    const verified: (string | null | undefined)[] = []
    const counting = {
      hash: async (secret: string) => `hash of ${secret}`,
      verify: async (secret: string, hash: string | null | undefined) => {
        verified.push(hash)
        return hash === `hash of ${secret}`
      },
    }
    const counted = await testApp([accounts], { dialect, overrides: [[passwords, counting]] })
    await makeAda(counted)
    const cost = async (body: Fields) => {
      const before = verified.length
      await counted.request(null, login, body)
      return verified.length - before
    }
    expect([
      await cost({ username: 'ada', password }),
      await cost({ username: 'ada', password: 'wrong' }),
      await cost({ username: 'nobody', password }),
      await cost({ partner_number: 'US1234', pin: '0000' }),
    ]).toEqual([1, 1, 1, 1])
    await counted.close()
  })
})
