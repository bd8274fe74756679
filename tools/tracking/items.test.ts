import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { eachDialect, scenarios } from '#kit/testing'
import { randomBelow } from '#tools/tracking'
import {
  at,
  type Basement,
  box,
  type HistoryEvent,
  items,
  noId,
  type One,
  openBasement,
} from './fixture/basement.ts'

const invalid = (path: string) => ({ code: 'invalid', errors: [{ path }] })
const taken = (path: string) => ({ code: 'conflict', errors: [{ path, code: 'taken' }] })

eachDialect('boxes', (dialect) => {
  let basement: Basement
  beforeAll(async () => {
    // Draws 0, 1, 2, …: which code comes next is known.
    basement = await openBasement(dialect, { overrides: [[randomBelow, () => 0]] })
    const { app, add, get } = basement
    await add('9001', { name: 'Éclair 100%', category: 'other' })
    app.clock.advance(1000)
    await add('9002', { name: 'Vanilla Syrup', category: 'syrups' }, 'staff-ben')
    app.clock.advance(1000)
    await add('9003', { name: 'Big_Cup', category: 'cups' })
    app.clock.advance(1000)
    await get(`DELETE ${items}/9003`)
  })
  afterAll(() => basement.close())
  beforeEach(() => basement.app.clock.advance(1000))

  const who = 'staff-ana'
  const list = (query: string, codes: readonly string[]) =>
    [who, `GET ${items}${query}`, undefined, 200, codes.map((code) => ({ code }))] as const
  const bad = (line: string, body: unknown, path: string) =>
    [who, line, body, 400, invalid(path)] as const

  scenarios(() => basement.app, {
    'those present, newest first': list('', ['9002', '9001']),
    'removed ones too': list('?include_removed=true', ['9003', '9002', '9001']),
    'of a category': list('?category=syrups', ['9002']),
    'by name': list('?sort=name', ['9002', '9001']),
    'by code': list('?sort=-code', ['9002', '9001']),
    'oldest first': list('?sort=added_at', ['9001', '9002']),
    'a part of a name, in any case': list('?q=ÉCL', ['9001']),
    'composed or not': list(`?q=${encodeURIComponent('E\u0301cl')}`, ['9001']),
    'a part of a code': list('?q=02', ['9002']),
    'per cent means itself': list('?q=%25', ['9001']),
    'and an underscore': list('?q=_', []),
    'and a backslash': list('?q=%5C', []),
    'a word that nothing holds': list('?q=zzz', []),
    'an unknown sort': bad(`GET ${items}?sort=added_by`, undefined, 'sort'),
    'an unknown category': bad(`GET ${items}?category=milk`, undefined, 'category'),
    'a flag that is none': bad(`GET ${items}?include_removed=1`, undefined, 'include_removed'),
    'too many at once': bad(`GET ${items}?limit=101`, undefined, 'limit'),
    'by its code': [
      who,
      `GET ${items}/9002`,
      undefined,
      200,
      { item: { added_by_name: 'staff-ben' } },
    ],
    'one that is removed': [
      who,
      `GET ${items}/9003`,
      undefined,
      200,
      { item: { is_removed: true, removed_by_name: 'staff-ana' } },
    ],
    'a code of none': [who, `GET ${items}/1234`, undefined, 404, { code: 'not_found' }],
    'an id of none': [who, `GET ${items}/${noId}`, undefined, 404, { code: 'not_found' }],
    'what can be neither': [who, `GET ${items}/12345`, undefined, 404, { code: 'not_found' }],
    'full-width digits': [who, `GET ${items}/１２３４`, undefined, 404],
    'the draw': [who, `POST ${items}`, { ...box, code: null }, 201, { item: { code: '0000' } }],
    'the next one': [who, `POST ${items}`, box, 201, { item: { code: '0001' } }],
    'a code in use': [who, `POST ${items}`, { ...box, code: '9002' }, 409, taken('code')],
    'a new name': [
      who,
      `PATCH ${items}/9002`,
      { name: ' Vanilla  ' },
      200,
      { item: { name: 'Vanilla', category: 'syrups' } },
    ],
    'of another case': [who, `PATCH ${items}/9002`, { name: 'VANILLA' }, 200],
    'nothing new': [who, `PATCH ${items}/9002`, { name: 'VANILLA', category: 'syrups' }, 200],
    'nothing at all': [who, `PATCH ${items}/9002`, {}, 400, { code: 'invalid' }],
    'a code is not changed': bad(`PATCH ${items}/9002`, { name: 'Nut', code: '1111' }, 'code'),
    'of a removed one': [who, `PATCH ${items}/9003`, { name: 'Cup' }, 409, { code: 'conflict' }],
    'of none': [who, `PATCH ${items}/1234`, { name: 'Cup' }, 404],
    'present already': [who, `POST ${items}/9002/restore`, undefined, 409, { code: 'conflict' }],
    'restored in two ways': [
      who,
      `POST ${items}/9003/restore`,
      { code: '1111', new_code: true },
      400,
      { code: 'invalid' },
    ],
    'restored not anew': bad(`POST ${items}/9003/restore`, { new_code: false }, 'new_code'),
    'under a code in use': [
      who,
      `POST ${items}/9003/restore`,
      { code: '9002' },
      409,
      taken('code'),
    ],
    'under its own': [
      who,
      `POST ${items}/9003/restore`,
      undefined,
      200,
      { item: { code: '9003', removed_at: null, removed_by: null, removed_by_name: null } },
    ],
    'restored none': [who, `POST ${items}/1234/restore`, undefined, 404],
    'removed none': [who, `DELETE ${items}/${noId}`, undefined, 404],
    'no lines': bad(`POST ${items}/bulk`, { items: [] }, 'items'),
    'too many lines': bad(`POST ${items}/bulk`, { items: Array(101).fill(box) }, 'items'),
    'too many boxes': bad(
      `POST ${items}/bulk`,
      { items: [{ ...box, quantity: 100 }, { ...box, quantity: 100 }, box] },
      'items',
    ),
    'too many of one': bad(
      `POST ${items}/bulk`,
      { items: [{ ...box, quantity: 101 }] },
      'items.0.quantity',
    ),
    'a code twice, and another fault': [
      who,
      `POST ${items}/bulk`,
      {
        items: [
          { ...box, code: '1111' },
          { ...box, code: '1111' },
          { ...box, name: 5 },
        ],
      },
      400,
      /items\.1\.code.*items\.2\.name|items\.2\.name.*items\.1\.code/,
    ],
    'several in use': [
      who,
      `POST ${items}/bulk`,
      {
        items: [{ ...box, code: '9001' }, box, { ...box, code: '9002' }, { ...box, code: '2222' }],
      },
      409,
      {
        errors: [
          { path: 'items.0.code', code: 'taken' },
          { path: 'items.2.code', code: 'taken' },
        ],
      },
    ],
    'codes and quantities': [
      who,
      `POST ${items}/bulk`,
      { items: [{ ...box, code: '0003' }, { ...box, quantity: 2 }, box] },
      201,
      { added: 4, items: [{ code: '0003' }, { code: '0002' }, { code: '0004' }, { code: '0005' }] },
    ],
    'no codes': bad(`POST ${items}/bulk-remove`, { codes: [] }, 'codes'),
    'one twice': bad(`POST ${items}/bulk-remove`, { codes: ['0002', '0003', '0002'] }, 'codes.2'),
    'one that is none': bad(`POST ${items}/bulk-remove`, { codes: ['0002', 3] }, 'codes.1'),
    'several out': [
      who,
      `POST ${items}/bulk-remove`,
      { codes: ['0005', '0002'] },
      200,
      {
        removed: 2,
        items: [
          { code: '0005', is_removed: true },
          { code: '0002', is_removed: true },
        ],
      },
    ],
    'their codes are free at once': [who, `POST ${items}`, box, 201, { item: { code: '0002' } }],
    'nobody’s code': [who, `DELETE ${at}/codes/1234`, undefined, 404],
    'a box’s code': [who, `DELETE ${at}/codes/9001`, undefined, 404],
    'no code': [who, `DELETE ${at}/codes/12345`, undefined, 404],
    'a history of none': [who, `GET ${at}/history?code=1234`, undefined, 200, []],
    'an action in small letters': [
      who,
      `GET ${at}/history?action=edit`,
      undefined,
      200,
      [{ notes: 'name: Vanilla → VANILLA' }, { notes: 'name: Vanilla Syrup → Vanilla' }],
    ],
    'an action that is none': bad(`GET ${at}/history?action=MOVE`, undefined, 'action'),
    'what one person did': [
      who,
      `GET ${at}/history?user_id={staff-ben}`,
      undefined,
      200,
      [{ action: 'ADD', item_code: '9002', user_name: 'staff-ben' }],
    ],
    'in a category': [
      who,
      `GET ${at}/history?category=cups&action=Remove`,
      undefined,
      200,
      [{ item_code: '9003' }],
    ],
    'days the wrong way round': bad(
      `GET ${at}/history?from=2026-02-02&to=2026-02-01`,
      undefined,
      'to',
    ),
    'a day that is none': bad(`GET ${at}/history?from=2026-02-30`, undefined, 'from'),
    'a format that is none': bad(`GET ${at}/history?format=xml`, undefined, 'format'),
  })

  test('an edit without change leaves no history, and one of both fields tells both', async () => {
    const { add, get } = basement
    const { id } = await add()
    const events = async () =>
      (await get<HistoryEvent[]>(`GET ${at}/history?limit=100`)).filter(
        ({ item_id }) => item_id === id,
      )
    await get(`PATCH ${items}/${id}`, { name: 'Oat Drink ' })
    expect(await events()).toHaveLength(1)
    basement.app.clock.advance(1000)
    await get(`PATCH ${items}/${id}`, { name: 'Oat', category: 'syrups' })
    expect((await events())[0]).toMatchObject({
      action: 'EDIT',
      item_name: 'Oat',
      category: 'syrups',
      notes: 'name: Oat Drink → Oat; category: other → syrups',
    })
  })

  test('a box as it was read is changed, taken out and put back; a stale one is not', async () => {
    const { app, add } = basement
    const { id } = await add()
    const send = async (line: string, tag: string, body?: unknown) =>
      app.request('staff-ana', line, body, { 'if-match': tag })
    const tagOf = async () =>
      (await app.request('staff-ana', `GET ${items}/${id}`)).headers.get('etag') ?? ''
    let tag = await tagOf()
    for (const [line, body] of [
      [`PATCH ${items}/${id}`, { name: 'Soy Drink' }],
      [`DELETE ${items}/${id}`],
      [`POST ${items}/${id}/restore`, { new_code: true }],
    ] as const) {
      app.clock.advance(1000)
      const { status, headers } = await send(line, tag, body)
      expect([line, status]).toEqual([line, 200])
      const next = headers.get('etag') ?? ''
      expect(next).toBe(await tagOf())
      const lines = [`PATCH ${items}/${id}`, `PATCH ${items}/9001`]
      for (const stale of lines)
        expect([stale, (await send(stale, tag, { name: 'Nut Drink' })).status]).toEqual([
          stale,
          412,
        ])
      tag = next
    }
  })

  test('a code under which boxes came and went leads to the one present, else to the last', async () => {
    const { app, add, get } = basement
    const at8000 = async () => (await get<One>(`GET ${items}/8000`)).item.id
    const first = await add('8000')
    await get(`DELETE ${items}/8000`)
    app.clock.advance(1000)
    const second = await add('8000')
    expect(await at8000()).toBe(second.id)
    await get(`DELETE ${items}/${second.id}`)
    expect(await at8000()).toBe(second.id)
    app.clock.advance(1000)
    await get(`POST ${items}/${first.id}/restore`)
    expect(await at8000()).toBe(first.id)
  })
})
