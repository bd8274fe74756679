import { afterAll, beforeAll, expect, test } from 'bun:test'
import { eachDialect, scenarios } from '#kit/testing'
import { runSeeds } from '#kit/tool'
import { NameTemplate, tracking } from '#tools/tracking'
import { at, type Basement, box, type Item, items, noId, openBasement } from './fixture/basement.ts'

interface Suggestion {
  readonly name: string
  readonly source: string
  readonly code: string | null
  readonly count: number
}
interface Template {
  readonly id: string
  readonly name: string
  readonly category: string
}

const templates = `${at}/admin/templates`

eachDialect('suggestions', (dialect) => {
  let basement: Basement
  beforeAll(async () => {
    basement = await openBasement(dialect)
    const { app, add, get } = basement
    await runSeeds([tracking], app.opened.context)
    const syrup = (name: string, code?: string) => add(code, { name, category: 'syrups' })
    for (let count = 0; count < 2; count += 1) await syrup('Sugar-Free Vanilla Syrup')
    await syrup('Vanilla Syrup')
    app.clock.advance(1000)
    await syrup('SUGAR-FREE Vanilla Syrup', '0101')
    await syrup('vanilla syrup', '0102')
    await get(`DELETE ${items}/${(await syrup('Vanilla Gone')).id}`)
    await add(undefined, { name: 'Vanilla Cups', category: 'cups' })
    for (const name of ['50% Off_Mix', 'Naïve Blend']) await add(undefined, { ...box, name })
  })
  afterAll(() => basement.close())

  const search = (query: string) => basement.get<Suggestion[]>(`GET ${items}/search?${query}`)
  const names = async (query: string) => (await search(query)).map(({ name }) => name)

  test('names of boxes, most boxes first, in their newest spelling; then templates', async () => {
    const all = [
      { name: 'SUGAR-FREE Vanilla Syrup', source: 'existing', code: '0101', count: 3 },
      { name: 'vanilla syrup', source: 'existing', code: '0102', count: 2 },
      { name: 'Vanilla Bean Syrup', source: 'template', code: null, count: 0 },
    ]
    expect(await search('q=van&category=syrups')).toEqual(all)
    expect(await search('q=van&category=syrups&limit=2')).toEqual(all.slice(0, 2))
    expect(await search('q=van&category=syrups&limit=3')).toEqual(all.slice(0, 3))
  })

  test('as many as are asked for come whenever so many match', async () => {
    for (const limit of [1, 5, 8, 10])
      expect(await names(`q=sy&category=syrups&limit=${limit}`)).toHaveLength(Math.min(limit, 8))
  })

  test('signs mean themselves, letters have no case, and two are the least', async () => {
    expect(await names('q=%25%20off_&category=other')).toEqual(['50% Off_Mix'])
    expect(await names('q=NA%C3%8FVE&category=other')).toEqual(['Naïve Blend'])
    for (const q of ['__', '%25%25', '%5C%5C', '!!', 'zz', 'v', '%20v%20', '', '%20%20'])
      expect([q, await names(`q=${q}&category=syrups`)]).toEqual([q, []])
    expect(await names('category=syrups')).toEqual([])
  })

  const who = 'staff-ana'
  scenarios(() => basement.app, {
    'no category': [
      who,
      `GET ${items}/search?q=van`,
      undefined,
      400,
      { errors: [{ path: 'category' }] },
    ],
    'no such category': [who, `GET ${items}/search?q=van&category=x`, undefined, 400],
    'none at all': [who, `GET ${items}/search?q=va&category=cups&limit=0`, undefined, 400],
    'too many': [who, `GET ${items}/search?q=va&category=cups&limit=16`, undefined, 400],
    'a word too long': [
      who,
      `GET ${items}/search?q=${'v'.repeat(101)}&category=cups`,
      undefined,
      400,
    ],
    'one of the longest': [
      who,
      `GET ${items}/search?q=${'v'.repeat(100)}&category=cups`,
      undefined,
      200,
      [],
    ],
    'all nine categories': [
      who,
      `GET ${at}/categories`,
      undefined,
      200,
      [
        { key: 'syrups', label: 'Syrups', count: 5 },
        { key: 'sauces', label: 'Sauces', count: 0 },
        { key: 'coffee_beans', label: 'Coffee Beans', count: 0 },
        { key: 'powders', label: 'Powders', count: 0 },
        { key: 'cups', label: 'Cups', count: 1 },
        { key: 'lids', label: 'Lids', count: 0 },
        { key: 'condiments', label: 'Condiments', count: 0 },
        { key: 'cleaning_supplies', label: 'Cleaning Supplies', count: 0 },
        { key: 'other', label: 'Other', count: 2 },
      ],
    ],
    'templates of a category': ['admin', `GET ${templates}?category=lids&sort=`, undefined, 400],
    'a template there is, in another case': [
      'admin',
      `POST ${templates}`,
      { name: ' DOME lid ', category: 'lids' },
      409,
      { errors: [{ path: 'category' }, { path: 'name', code: 'taken' }] },
    ],
    'the same name elsewhere': [
      'admin',
      `POST ${templates}`,
      { name: 'Dome Lid', category: 'other' },
      201,
      { name: 'Dome Lid', category: 'other' },
    ],
    'a name too short': ['admin', `POST ${templates}`, { name: 'x', category: 'lids' }, 400],
    'no category given': ['admin', `POST ${templates}`, { name: 'Lid' }, 400],
    'a change of none': ['admin', `PATCH ${templates}/${noId}`, { name: 'Lid' }, 404],
    'a removal of none': ['admin', `DELETE ${templates}/${noId}`, undefined, 404],
    'found by a part of its name': [
      'admin',
      `GET ${templates}?q=DOME&category=lids`,
      undefined,
      200,
      [{ name: 'Dome Lid' }],
    ],
  })

  test('templates are changed and deleted, and admins read of it', async () => {
    const { get, statusOf } = basement
    const made = await get<Template>(
      `POST ${templates}`,
      { name: 'Straw Box', category: 'other' },
      'admin',
    )
    expect(Object.keys(made)).toEqual(['id', 'name', 'category', 'created_at', 'updated_at'])
    const one = `${templates}/${made.id}`
    expect(await statusOf(`PATCH ${one}`, {}, 'admin')).toBe(400)
    expect(await statusOf(`PATCH ${one}`, { name: 'napkins' }, 'admin')).toBe(409)
    const changed = await get<Template>(
      `PATCH ${one}`,
      { name: 'Straws', category: 'cups' },
      'admin',
    )
    expect(changed).toMatchObject({ name: 'Straws', category: 'cups' })
    expect(await get(`DELETE ${one}`, undefined, 'admin')).toEqual({ message: 'Template deleted' })
    expect(await statusOf(`DELETE ${one}`, undefined, 'admin')).toBe(404)
    const feed = await get<object[]>(
      'GET /api/admin/activity?tool=inventory&limit=3',
      undefined,
      'admin',
    )
    const all = { tool: 'inventory', user_name: 'admin' }
    expect(feed).toMatchObject([
      { ...all, type: 'template_deleted', description: 'Straws' },
      {
        ...all,
        type: 'template_updated',
        description: 'name: Straw Box → Straws; category: other → cups',
      },
      { ...all, type: 'template_created', description: 'Straw Box' },
    ])
    const recent = await get<{ type: string }[]>('GET /api/activity/recent')
    expect(recent.filter(({ type }) => type.startsWith('template'))).toEqual([])
  })

  test('the seed comes once: 45 names, and what an admin took away stays away', async () => {
    const { app, get, write } = basement
    const again = () => runSeeds([tracking], app.opened.context)
    const count = () => write((system) => system(NameTemplate).count())
    expect(await count()).toBe(46)
    const all = await get<Template[]>(`GET ${templates}?limit=100`, undefined, 'admin')
    for (const { id } of all) await get(`DELETE ${templates}/${id}`, undefined, 'admin')
    expect(await again()).toMatchObject([{ tool: 'tracking', made: 0 }])
    expect(await count()).toBe(0)
  })

  test('the list is paged, counted and given as CSV', async () => {
    const { app, get } = basement
    const first = await app.request<Item[]>(who, `GET ${items}?limit=3&count=true&sort=name`)
    expect([first.body.length, first.headers.get('x-total-count')]).toEqual([3, '8'])
    const next = /<([^>]+)>/.exec(first.headers.get('link') ?? '')?.[1]
    const second = await get<Item[]>(`GET ${next}`)
    const whole = await get<Item[]>(`GET ${items}?sort=name`)
    expect([...first.body, ...second].map(({ id }) => id)).toEqual(
      whole.slice(0, 6).map(({ id }) => id),
    )
    const csv = await app.request(who, `GET ${items}?format=csv`)
    expect(csv.text.split('\r\n')).toHaveLength(10)
  })
})
