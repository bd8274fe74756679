import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Answer, eachDialect, type TestApp, testApp } from '#kit/testing'
import { accounts } from '#tools/accounts'
import { tasks } from '#tools/tasks'

interface Task {
  readonly id: number
  readonly title: string
}

const titles = ['Äpfel', 'apples', 'Bread', 'bread 100%', 'Cheese', 'cheese_cake', 'Éclair']
const newest = [...titles].reverse()

eachDialect('the list of tasks', (dialect) => {
  let app: TestApp
  const send = async <T>(who: string, line: string, given?: unknown) => {
    const answer = await app.request<T>(who, line, given)
    expect([200, 201]).toContain(answer.status)
    return answer.body
  }
  const create = (who: string, given: object) => send<Task>(who, `POST /api/{${who}}/tasks`, given)
  const listed = async (query = '', who = 'lister') =>
    (await send<Task[]>(who, `GET /api/{${who}}/tasks${query}`)).map(({ title }) => title)

  beforeAll(async () => {
    app = await testApp([accounts, tasks], { dialect })
    for (const [place, title] of titles.entries()) {
      app.clock.advance(60_000)
      const description = place % 2 === 0 ? null : `Aisle ${place}`
      await create('lister', { title, description, completed: place % 3 === 0 })
    }
    await create('bob', { title: 'Bread of another' })
  })
  afterAll(() => app.close())

  test('is of the own ones alone, newest first, as an array', async () => {
    expect(await listed()).toEqual(newest)
    expect(await listed('', 'loner')).toEqual([])
  })

  const queries: Readonly<Record<string, readonly string[]>> = {
    '?completed=true': ['Éclair', 'bread 100%', 'Äpfel'],
    '?completed=false': ['cheese_cake', 'Cheese', 'Bread', 'apples'],
    '?q=BREAD': ['bread 100%', 'Bread'],
    '?q=aisle': ['cheese_cake', 'bread 100%', 'apples'],
    '?q=100%25': ['bread 100%'],
    '?q=%25': ['bread 100%'],
    '?q=e_c': ['cheese_cake'],
    '?q=nothing': [],
    '?q=': newest,
    '?q=aisle&completed=true': ['bread 100%'],
    '?sort=created_at': titles,
    '?sort=-created_at': newest,
    '?sort=updated_at': titles,
    '?sort=title': ['Bread', 'Cheese', 'apples', 'bread 100%', 'cheese_cake', 'Äpfel', 'Éclair'],
    '?sort=-title&limit=2': ['Éclair', 'Äpfel'],
    '?limit=1': ['Éclair'],
    '?created_at[lt]=2000-01-01T00:00:00Z': [],
    '?created_at[gte]=2000-01-01T00:00:00Z&limit=1': ['Éclair'],
  }
  test.each(Object.keys(queries))('%s', async (query) => {
    expect(await listed(query)).toEqual([...(queries[query] ?? [])])
  })

  const bad: Readonly<Record<string, string>> = {
    '?limit=0': 'limit',
    '?limit=101': 'limit',
    '?limit=5.5': 'limit',
    '?limit=x': 'limit',
    '?cursor=x': 'cursor',
    '?sort=description': 'sort',
    '?sort=--title': 'sort',
    '?completed=yes': 'completed',
    '?completed=1': 'completed',
    '?count=1': 'count',
    '?colour=red': 'colour',
    '?user_id=1': 'user_id',
    '?created_at[gte]=yesterday': 'created_at[gte]',
  }
  test.each(Object.keys(bad))('%s is 422', async (query) => {
    const answer = await app.request('lister', `GET /api/me/tasks${query}`)
    expect(answer).toMatchObject({
      status: 422,
      body: { code: 'invalid', errors: [{ path: bad[query] }] },
    })
  })

  test('is 401 for nobody and 403 for another', async () => {
    expect((await app.request(null, 'GET /api/{lister}/tasks')).status).toBe(401)
    expect((await app.request('bob', 'GET /api/{lister}/tasks')).status).toBe(403)
    expect((await app.request('admin', 'GET /api/{lister}/tasks')).status).toBe(403)
  })

  test('page by page it is the same, each with a link to the next', async () => {
    for (const sort of ['-created_at', 'title', '-title', 'updated_at']) {
      const found: string[] = []
      let path: string | undefined = `/api/me/tasks?limit=3&sort=${sort}`
      while (path !== undefined) {
        const page: Answer<Task[]> = await app.request('lister', `GET ${path}`)
        found.push(...page.body.map(({ title }) => title))
        path = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1]
      }
      expect(found).toEqual(await listed(`?sort=${sort}`))
    }
  })

  test('a cursor stays where it was though rows come and go', async () => {
    const first = await app.request<Task[]>('lister', 'GET /api/me/tasks?limit=3')
    const next = /<([^>]+)>/.exec(first.headers.get('link') ?? '')?.[1]
    const late = await create('lister', { title: 'Late' })
    const second = await send<Task[]>('lister', `GET ${next}`)
    expect(second.map(({ title }) => title)).toEqual(newest.slice(3, 6))
    await send('lister', `DELETE /api/me/tasks/${late.id}`)
  })

  test('count tells how many there are of what is asked for', async () => {
    const countOf = async (query: string) => {
      const { headers, body: rows } = await app.request<Task[]>(
        'lister',
        `GET /api/me/tasks${query}`,
      )
      return [headers.get('x-total-count'), rows.length]
    }
    expect(await countOf('?count=true&limit=2')).toEqual(['7', 2])
    expect(await countOf('?count=true&completed=true')).toEqual(['3', 3])
    expect(await countOf('?count=true&q=nothing')).toEqual(['0', 0])
    expect(await countOf('?count=false')).toEqual([null, 7])
  })
})
