import { afterAll, beforeAll, expect, test } from 'bun:test'
import { toInstant } from '#kit/core'
import { eachDialect } from '#kit/testing'
import { CodeClaim } from '#tools/tracking'
import {
  at,
  type Basement,
  box,
  type Faulty,
  type HistoryEvent,
  type Item,
  items,
  type One,
  openBasement,
  pathsOf,
  type Reserved,
} from './fixture/basement.ts'
import { toCode } from './rules.ts'

const taken = { body: { code: 'conflict', errors: [{ path: 'code', code: 'taken' }] } }

eachDialect('tracking', (dialect) => {
  let basement: Basement
  beforeAll(async () => {
    basement = await openBasement(dialect)
  })
  afterAll(() => basement.close())

  test('T1: what is right is trimmed and gets four digits; nobody 401; all faults at once', async () => {
    const { app, ask, add } = basement
    const body = { name: ' Coffee Beans ', category: 'coffee_beans' }
    const added = await add(undefined, body)
    expect([added.name, added.code]).toEqual(['Coffee Beans', expect.stringMatching(/^[0-9]{4}$/)])
    expect((await app.request(null, `POST ${items}`, body)).status).toBe(401)
    const bad: readonly (readonly [object, string])[] = [
      [{ name: 'x' }, 'name'],
      [{ name: 'x'.repeat(101) }, 'name'],
      [{ category: 'milk' }, 'category'],
      [{ code: '12' }, 'code'],
      [{ code: 1234 }, 'code'],
      [{ code: '１２３４' }, 'code'],
    ]
    for (const [part, path] of bad) {
      const answer = await ask<Faulty>(`POST ${items}`, { ...body, ...part })
      expect([part, answer.status, pathsOf(answer)]).toEqual([part, 400, [path]])
    }
    const all = await ask<Faulty>(`POST ${items}`, { name: 'x', category: 'milk', code: 1234 })
    expect([all.status, pathsOf(all)]).toEqual([400, ['category', 'code', 'name']])
  })

  test('T2: a code goes from box to box', async () => {
    const { app, ask, add, get, statusOf } = basement
    const first = await add('0042')
    expect(first.code).toBe('0042')
    expect(await ask(`POST ${items}`, { ...box, code: '0042' })).toMatchObject({
      status: 409,
      ...taken,
    })
    app.clock.advance(1000)
    expect(await ask(`DELETE ${items}/0042`)).toMatchObject({
      status: 200,
      body: { message: 'Item removed successfully', item: { id: first.id, is_removed: true } },
    })
    expect(await ask(`DELETE ${items}/0042`)).toMatchObject({
      status: 400,
      body: { code: 'already_removed', detail: 'Item already removed' },
    })
    expect(await statusOf(`DELETE ${items}/0043`)).toBe(404)
    await add('0042')
    const restore = `POST ${items}/${first.id}/restore`
    expect(await ask(restore)).toMatchObject({ status: 409, ...taken })
    app.clock.advance(1000)
    const { item } = await get<One>(restore, { new_code: true })
    expect([item.is_removed, item.code === '0042', item.added_at]).toEqual([
      false,
      false,
      first.added_at,
    ])
    const events = await get<HistoryEvent[]>(`GET ${at}/history`)
    const own = events.filter(({ item_id }) => item_id === first.id).map(({ action }) => action)
    expect(own.reverse()).toEqual(['ADD', 'REMOVE', 'RESTORE'])
  })

  test('T5: several at once, all of them or none', async () => {
    const { ask, add, get } = basement
    const lines = (bad: object) => [box, box, { ...box, ...bad }, box, box]
    const before = await get<Item[]>(`GET ${items}?limit=100`)
    for (const [bad, path] of [
      [{ name: 'x' }, 'items.2.name'],
      [{ quantity: 0 }, 'items.2.quantity'],
      [{ quantity: 2, code: '0777' }, 'items.2.quantity'],
    ] as const) {
      const answer = await ask<Faulty>(`POST ${items}/bulk`, { items: lines(bad) })
      expect([answer.status, pathsOf(answer)]).toEqual([400, [path]])
    }
    expect(await get<Item[]>(`GET ${items}?limit=100`)).toEqual(before)
    const many = { items: [{ ...box, quantity: 6 }] }
    const bulk = await ask<{ added: number; items: Item[] }>(`POST ${items}/bulk`, many)
    expect([bulk.status, bulk.body.added]).toEqual([201, 6])
    expect(new Set(bulk.body.items.map(({ code }) => code)).size).toBe(6)
    const feed = await get<{ type: string; description: string }[]>('GET /api/activity/recent')
    expect(feed[0]).toMatchObject({
      type: 'inventory_add',
      description: expect.stringMatching(/ and 3 more$/),
    })
    expect(feed[1]?.type).toBe('inventory_restore')

    const [present, gone] = [await add(), await add()]
    await get(`DELETE ${items}/${gone.id}`)
    const used = new Set(
      (await get<Item[]>(`GET ${items}?limit=100&include_removed=true`)).map(({ code }) => code),
    )
    const unknown = Array.from({ length: 100 }, (_, number) => toCode(number)).find(
      (code) => !used.has(code),
    )
    const codes = [present.code, gone.code, unknown]
    expect(await ask(`POST ${items}/bulk-remove`, { codes })).toMatchObject({
      status: 409,
      body: {
        code: 'conflict',
        errors: [
          { path: 'codes.1', code: 'already_removed' },
          { path: 'codes.2', code: 'not_found' },
        ],
      },
    })
    expect((await get<One>(`GET ${items}/${present.id}`)).item).toEqual(present)
  })

  test('C1: role user 403 everywhere, staff 403 on admin; what is unknown 400', async () => {
    const { app, ask, statusOf } = basement
    const { routes } = app.app.tools.find(({ name }) => name === 'tracking') ?? { routes: [] }
    expect(routes).toHaveLength(17)
    for (const { method, path } of routes) {
      const line = `${method} ${path.replace(/:\w+/, '0042')}`
      expect([line, await statusOf(line, undefined, 'ada')]).toEqual([line, 403])
      const forStaff = path.includes('/admin/') ? 403 : 400
      const asStaff = await statusOf(`${line}?colour=red`, {})
      expect([line, asStaff]).toEqual([line, forStaff])
    }
    for (const body of [
      { ...box, colour: 'red' },
      { ...box, id: 'x' },
      { ...box, is_removed: true },
    ])
      expect(await ask(`POST ${items}`, body)).toMatchObject({
        status: 400,
        body: { code: 'invalid' },
      })
  })
})

eachDialect('codes', (dialect) => {
  test('T3: of 10,000 codes the last is found, and none after it', async () => {
    const basement = await openBasement(dialect)
    const { app, ask, add, get, write } = basement
    const { id: reserved_by } = await app.as('staff-ben')
    const kept = await add('5000')
    const expires_at = toInstant(app.clock.nowMs() + 60_000)
    const others = Array.from({ length: 10_000 }, (_, number) => toCode(number)).filter(
      (code) => code !== '5000' && code !== '7321',
    )
    await write((system) =>
      system(CodeClaim).createMany(others.map((code) => ({ code, reserved_by, expires_at }))),
    )
    expect((await add()).code).toBe('7321')
    for (const line of [`POST ${items}`, `POST ${at}/codes`])
      expect(await ask(line, line.endsWith('items') ? box : undefined)).toMatchObject({
        status: 409,
        body: { code: 'conflict', detail: expect.stringContaining('No code is free') },
      })
    await get(`DELETE ${items}/${kept.id}`)
    expect((await add()).code).toBe('5000')
    await basement.close()
  })

  test('T4: a reservation holds for ten minutes, and not at their end', async () => {
    const basement = await openBasement(dialect)
    const { ask, moveTo, get } = basement
    const { code, expires_at } = await get<Reserved>(`POST ${at}/codes`)
    expect(expires_at).toBe('2026-01-12T18:10:00.000Z')
    const body = { ...box, code }
    moveTo('2026-01-12T18:09:59.000Z')
    expect(await ask(`POST ${items}`, body, 'staff-ben')).toMatchObject({ status: 409, ...taken })
    moveTo('2026-01-12T18:10:00.000Z')
    expect((await ask(`POST ${items}`, body, 'staff-ben')).status).toBe(201)
    expect(await ask(`POST ${items}`, body, 'staff-ana')).toMatchObject({ status: 409, ...taken })
    await basement.close()
  })
})

eachDialect('days of the shop', (dialect) => {
  const ranges: readonly (readonly [zone: string, day: string, from: string, until: string])[] = [
    ['America/Los_Angeles', '2026-03-08', '2026-03-08T08:00:00Z', '2026-03-09T07:00:00Z'],
    ['America/Los_Angeles', '2026-11-01', '2026-11-01T07:00:00Z', '2026-11-02T08:00:00Z'],
    ['America/Santiago', '2026-09-06', '2026-09-06T04:00:00Z', '2026-09-07T03:00:00Z'],
  ]
  test.each([...ranges])('T6: %s, %s', async (...range) => {
    const [STORE_TIMEZONE, day, from, until] = range
    const start = Date.parse(from) - 1
    const basement = await openBasement(dialect, {
      start: toInstant(start),
      environment: { STORE_TIMEZONE },
    })
    const { add, moveTo, get } = basement
    const moments = [start, start + 1, Date.parse(until) - 1, Date.parse(until)]
    for (const [index, moment] of moments.entries()) {
      moveTo(toInstant(moment))
      await add(toCode(index))
    }
    const events = await get<HistoryEvent[]>(`GET ${at}/history?from=${day}&to=${day}`)
    expect(events.map(({ item_code }) => item_code)).toEqual(['0002', '0001'])
    const open = await get<HistoryEvent[]>(`GET ${at}/history?from=${day}`)
    expect(open.map(({ item_code }) => item_code)).toEqual(['0003', '0002', '0001'])
    await basement.close()
  })

  test('T6: CSV tells the hour that comes twice; text stays text', async () => {
    const basement = await openBasement(dialect, { start: '2026-11-01T08:30:00.000Z' })
    const { app, ask, add, moveTo } = basement
    await add('0001', { name: '=1+1', category: 'syrups' })
    moveTo('2026-11-01T09:30:00.000Z')
    await add('0002')
    const answer = await ask(`GET ${at}/history?format=csv`)
    expect(answer.headers.get('content-disposition')).toContain('tracking-history-2026-11-01.csv')
    expect(answer.text.split('\r\n')).toEqual([
      'timestamp,action,item_name,item_code,category,user_name,notes',
      '2026-11-01T01:30:00-08:00,ADD,Oat Drink,0002,other,staff-ana,',
      "2026-11-01T01:30:00-07:00,ADD,'=1+1,0001,syrups,staff-ana,",
      '',
    ])
    const accepted = await app.request('staff-ana', `GET ${at}/history`, undefined, {
      accept: 'text/csv',
    })
    expect(accepted.text).toBe(answer.text)
    await basement.close()
  })
})
