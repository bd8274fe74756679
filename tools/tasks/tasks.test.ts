import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { eachDialect, type Scenario, scenarios, type TestApp, testApp } from '#kit/testing'
import { accounts } from '#tools/accounts'
import { tasks } from '#tools/tasks'

interface Task {
  readonly id: number
  readonly user_id: string
  readonly title: string
  readonly description: string | null
  readonly completed: boolean
  readonly created_at: string
  readonly updated_at: string
}

/** One code point, two UTF-16 units, four bytes. */
const tea = '\u{1f375}'
const mine = '/api/{ada}/tasks'
const body = { title: 'Buy milk' }

const invalid = (path: string) => ({ code: 'invalid', errors: [{ path }] })

type Fields = Readonly<Record<string, unknown>>

/** Refused with 422 wherever the rest of the body is sound, by the path that the fault is at. */
const badFields: Readonly<Record<string, readonly [Fields, string]>> = {
  'an empty title': [{ title: '' }, 'title'],
  'a title of spaces': [{ title: ' \t ' }, 'title'],
  'a title of 201 code points': [{ title: tea.repeat(201) }, 'title'],
  'a title that is null': [{ title: null }, 'title'],
  'a title that is a number': [{ title: 7 }, 'title'],
  'a title with a NUL': [{ title: 'a\u0000b' }, 'title'],
  'a title with half a surrogate pair': [{ title: '\ud83c' }, 'title'],
  'a description of 1001 code points': [{ description: tea.repeat(1001) }, 'description'],
  'completed as a text': [{ completed: 'true' }, 'completed'],
  'completed as a number': [{ completed: 1 }, 'completed'],
  'completed as null': [{ completed: null }, 'completed'],
  'an unknown key': [{ colour: 'red' }, 'colour'],
  'an id': [{ id: 1 }, 'id'],
  'an owner': [{ user_id: '018f0000-0000-7000-8000-000000000001' }, 'user_id'],
  'a time of creation': [{ created_at: '2026-01-01T00:00:00.000Z' }, 'created_at'],
}

eachDialect('tasks', (dialect) => {
  let app: TestApp
  beforeAll(async () => {
    app = await testApp([accounts, tasks], { dialect })
  })
  afterAll(() => app.close())

  const send = async <T>(who: string, line: string, given?: unknown) => {
    const answer = await app.request<T>(who, line, given)
    expect([200, 201]).toContain(answer.status)
    return answer.body
  }
  const create = (who: string, given: object = body) =>
    send<Task>(who, `POST /api/{${who}}/tasks`, given)
  const list = (who = 'ada') => send<Task[]>(who, `GET /api/{${who}}/tasks`)

  /** A task of ada's that each test finds as it was made. */
  let task: Task
  const at = () => `/api/me/tasks/${task.id}`
  beforeEach(async () => {
    task = await create('ada', { ...body, description: 'Oat' })
  })

  describe('create', () => {
    const made = (given: object, shown: Fields): Scenario => [
      'ada',
      `POST ${mine}`,
      given,
      201,
      shown,
    ]
    scenarios(() => app, {
      'a title alone': made(body, { title: 'Buy milk', description: null, completed: false }),
      'all there is': made(
        { title: 'Bake', description: 'Rye', completed: true },
        { title: 'Bake', description: 'Rye', completed: true },
      ),
      'spaces around the title are cut': made({ title: '  Buy milk \n' }, { title: 'Buy milk' }),
      'a title of one code point': made({ title: tea }, { title: tea }),
      'a title of 200 code points': made({ title: tea.repeat(200) }, { title: tea.repeat(200) }),
      'a description of 1000 code points': made(
        { ...body, description: tea.repeat(1000) },
        { description: tea.repeat(1000) },
      ),
      'an empty description': made({ ...body, description: '' }, { description: '' }),
      'a description that is null': made({ ...body, description: null }, { description: null }),
      'a title that is SQL': made({ title: "'; DROP TABLE tasks; --" }, {}),
      'as me': ['ada', 'POST /api/me/tasks', body, 201, { title: 'Buy milk' }],
      nobody: [null, `POST ${mine}`, body, 401, { code: 'unauthenticated' }],
      'for another': ['bob', `POST ${mine}`, body, 403, { code: 'forbidden' }],
      'for another, as admin': ['admin', `POST ${mine}`, body, 403, { code: 'forbidden' }],
      'for another, with a bad body': ['bob', `POST ${mine}`, {}, 403, { code: 'forbidden' }],
      'for what is no user': ['ada', 'POST /api/7/tasks', body, 403, { code: 'forbidden' }],
      'no title': ['ada', `POST ${mine}`, {}, 422, invalid('title')],
      'no object': ['ada', `POST ${mine}`, [], 422, { code: 'invalid' }],
      'no JSON': ['ada', `POST ${mine}`, '{', 400, { code: 'malformed' }],
      nothing: ['ada', `POST ${mine}`, undefined, 400, { code: 'malformed' }],
      'an unknown query': ['ada', `POST ${mine}?x=1`, body, 422, invalid('x')],
    })
    scenarios(
      () => app,
      Object.fromEntries(
        Object.entries(badFields).map(([name, [fields, path]]): [string, Scenario] => [
          name,
          ['ada', `POST ${mine}`, { ...body, ...fields }, 422, invalid(path)],
        ]),
      ),
    )

    test('answers the whole row, where it is, and its owner', async () => {
      const answer = await app.request<Task>('ada', 'POST /api/me/tasks', body)
      const { id, user_id, created_at, updated_at, ...rest } = answer.body
      expect(rest).toEqual({ title: 'Buy milk', description: null, completed: false })
      expect(Number.isInteger(id)).toBe(true)
      expect(user_id).toBe((await app.as('ada')).id)
      expect(created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      expect(updated_at).toBe(created_at)
      expect(answer.headers.get('etag')).toMatch(/^"/)
    })

    test('all faults at once', async () => {
      const given = { title: '', description: 5, completed: 'no', x: 1 }
      const answer = await app.request<{ errors: { path: string }[] }>(
        'ada',
        'POST /api/me/tasks',
        given,
      )
      expect(answer.status).toBe(422)
      const paths = answer.body.errors.map(({ path }) => path)
      expect(paths.sort()).toEqual(['completed', 'description', 'title', 'x'])
    })
  })

  /** What holds of every route of one task: METHOD, the rest of its path, a sound body. */
  const ofOne: readonly (readonly [method: string, rest: string, body?: object])[] = [
    ['GET', ''],
    ['PUT', '', { title: 'Buy bread' }],
    ['PATCH', '/complete'],
    ['DELETE', ''],
  ]
  for (const [method, rest, given] of ofOne)
    describe(`${method} …/tasks/:id${rest}`, () => {
      const status = async (who: string | null, path: string) =>
        (await app.request(who, `${method} ${path}${rest}`, given)).status

      test('is for its owner, by his id or as me', async () => {
        expect(await status('ada', `${mine}/${task.id}`)).toBe(200)
        const other = await create('ada')
        expect(await status('ada', `/api/me/tasks/${other.id}`)).toBe(200)
      })

      test('is 401 for nobody, 403 under the id of another before any look-up', async () => {
        expect(await status(null, at())).toBe(401)
        for (const id of [task.id, 2147483000, 'no-id'])
          expect([id, await status('bob', `${mine}/${id}`)]).toEqual([id, 403])
        expect(await status('admin', `${mine}/${task.id}`)).toBe(403)
      })

      test('is 404 for the task of another under the own id', async () => {
        expect(await status('bob', `/api/{bob}/tasks/${task.id}`)).toBe(404)
        expect(await status('admin', `/api/me/tasks/${task.id}`)).toBe(404)
        expect(await send<Task>('ada', `GET ${at()}`)).toEqual(task)
      })

      test('is 404 for what is not there, and for what can be no id', async () => {
        const ids = ['0', '-1', '1.5', '1e3', '007', 'x', '%00', '9007199254740993', '2147483000']
        for (const id of ids)
          expect([id, await status('ada', `/api/me/tasks/${id}`)]).toEqual([id, 404])
      })
    })

  test('get answers the row with its entity tag, 304 to who has it', async () => {
    const answer = await app.request('ada', `GET ${at()}`)
    expect(answer.body).toEqual(task)
    const tag = answer.headers.get('etag') ?? ''
    const again = await app.request('ada', `GET ${at()}`, undefined, { 'if-none-match': tag })
    expect([again.status, again.text]).toEqual([304, ''])
  })

  describe('change', () => {
    const put = (given: unknown) => app.request<Task>('ada', `PUT ${at()}`, given)

    const sound: Readonly<Record<string, readonly [object, object]>> = {
      'the title alone': [{ title: ' New ' }, { title: 'New', description: 'Oat' }],
      'the description alone': [{ description: 'Soy' }, { title: 'Buy milk', description: 'Soy' }],
      'null clears the description': [{ description: null }, { description: null }],
      'an empty description is one': [{ description: '' }, { description: '' }],
      'completed, and back': [{ completed: true }, { completed: true, title: 'Buy milk' }],
      'a title of 200 code points': [{ title: tea.repeat(200) }, { title: tea.repeat(200) }],
      'a description of 1000': [
        { description: tea.repeat(1000) },
        { description: tea.repeat(1000), title: 'Buy milk' },
      ],
      'all at once': [
        { title: 'T', description: 'D', completed: true },
        { title: 'T', description: 'D', completed: true },
      ],
    }
    test.each(Object.keys(sound))('%s', async (name) => {
      const [given, shown] = sound[name] ?? [{}, {}]
      app.clock.advance(1000)
      const { status, body: changed } = await put(given)
      expect({ status, changed }).toMatchObject({ status: 200, changed: { id: task.id, ...shown } })
      expect(changed.created_at).toBe(task.created_at)
      expect(changed.updated_at > task.updated_at).toBe(true)
      expect(await send<Task>('ada', `GET ${at()}`)).toEqual(changed)
    })

    test.each(Object.keys(badFields))('%s is 422, and changes nothing', async (name) => {
      const [given, path] = badFields[name] ?? [{}, '']
      const answer = await put({ completed: true, ...given })
      expect(answer).toMatchObject({ status: 422, body: invalid(path) })
      expect(await send<Task>('ada', `GET ${at()}`)).toEqual(task)
    })

    test('an empty body is 422, none at all 400', async () => {
      expect(await put({})).toMatchObject({ status: 422, body: { code: 'invalid' } })
      expect((await put(undefined)).status).toBe(400)
    })

    test('with an entity tag that is stale is 412', async () => {
      const tag = (await app.request('ada', `GET ${at()}`)).headers.get('etag')
      const change = (title: string) =>
        app.request('ada', `PUT ${at()}`, { title }, { 'if-match': tag })
      expect([(await change('First')).status, (await change('Second')).status]).toEqual([200, 412])
      expect(await send<Task>('ada', `GET ${at()}`)).toMatchObject({ title: 'First' })
    })
  })

  describe('toggle', () => {
    const toggle = () => send<Task>('ada', `PATCH ${at()}/complete`)

    test('twice is as before', async () => {
      app.clock.advance(1000)
      const done = await toggle()
      expect(done).toEqual({ ...task, completed: true, updated_at: done.updated_at })
      expect(done.updated_at > task.updated_at).toBe(true)
      expect((await toggle()).completed).toBe(false)
    })

    test('many at once are each one toggle', async () => {
      for (const [count, outcome] of [
        [2, false],
        [7, true],
      ] as const) {
        const answers = await Promise.all(Array.from({ length: count }, toggle))
        const done = answers.filter(({ completed }) => completed).length
        expect(done).toBe(Math.ceil(count / 2))
        expect(await send<Task>('ada', `GET ${at()}`)).toMatchObject({ completed: outcome })
      }
    })
  })

  test('removed it is gone, for a second time too', async () => {
    expect(await send<object>('ada', `DELETE ${at()}`)).toEqual({ message: 'Task deleted' })
    for (const line of [`GET ${at()}`, `DELETE ${at()}`, `PATCH ${at()}/complete`])
      expect((await app.request('ada', line)).status).toBe(404)
    expect((await list()).map(({ id }) => id)).not.toContain(task.id)
  })

  test('no number is given twice', async () => {
    await send('ada', `DELETE ${at()}`)
    expect((await create('ada')).id).toBeGreaterThan(task.id)
  })

  test('a key makes one task of two requests, and refuses another body', async () => {
    const key = { 'idempotency-key': 'one-and-the-same' }
    const post = (title: string) => app.request<Task>('keyed', 'POST /api/me/tasks', { title }, key)
    const first = await post('Once')
    const again = await post('Once')
    expect([first.status, again.status, again.body.id]).toEqual([201, 201, first.body.id])
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect((await post('Twice')).status).toBe(422)
    expect(await list('keyed')).toHaveLength(1)
  })
})
