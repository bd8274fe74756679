import { afterAll, beforeAll, expect, test } from 'bun:test'
import { eachDialect } from '#kit/testing'
import { CodeClaim, TrackingHistory, TrackingItem } from '#tools/tracking'
import {
  at,
  type Basement,
  box,
  type Item,
  items,
  type One,
  openBasement,
  type Reserved,
} from './fixture/basement.ts'

interface Event {
  readonly id: string
  readonly type: string
  readonly description: string
}

eachDialect('what is told of the basement, and taken back', (dialect) => {
  let basement: Basement
  beforeAll(async () => {
    basement = await openBasement(dialect)
  })
  afterAll(() => basement.close())
  const recent = (limit = 1) => basement.get<Event[]>(`GET /api/activity/recent?limit=${limit}`)
  const counts = () =>
    basement.write(async (system) => ({
      present: await system(TrackingItem).count({ is_removed: false }),
      removed: await system(TrackingItem).count({ is_removed: true }),
      claims: await system(CodeClaim).count(),
      history: await system(TrackingHistory).count(),
    }))
  const undo = async (id: string | undefined, scope = 'request') =>
    basement.ask(`POST /api/admin/audit/${id}/undo`, { scope }, 'admin')

  test('each call that changed something is one event, in the words of who did it', async () => {
    const { get, add, app } = basement
    const told: string[] = []
    const tell = async () => {
      const [event] = await recent()
      told.push(`${event?.type}: ${event?.description}`)
      app.clock.advance(1000)
    }
    const { id } = await add('0001')
    await tell()
    await get(`PATCH ${items}/${id}`, { name: 'Oat' })
    await tell()
    await get(`PATCH ${items}/${id}`, { name: 'Oat' })
    await tell()
    await get(`DELETE ${items}/${id}`)
    await tell()
    const { code } = await get<Reserved>(`POST ${at}/codes`)
    await get(`DELETE ${at}/codes/${code}`)
    await tell()
    await get(`POST ${items}/${id}/restore`, { code: '0002' })
    await tell()
    const lines = ['0011', '0012', '0013', '0014', '0015'].map((given) => ({ ...box, code: given }))
    await get(`POST ${items}/bulk`, { items: lines })
    await tell()
    await get(`POST ${items}/bulk-remove`, { codes: ['0011', '0012', '0013', '0014'] })
    await tell()
    expect(told).toEqual([
      'inventory_add: Oat Drink (0001)',
      'inventory_edit: Oat (0001): name: Oat Drink → Oat',
      'inventory_edit: Oat (0001): name: Oat Drink → Oat',
      'inventory_remove: Oat (0001)',
      'inventory_remove: Oat (0001)',
      'inventory_restore: Oat (0002)',
      'inventory_add: Oat Drink (0011), Oat Drink (0012), Oat Drink (0013) and 2 more',
      'inventory_remove: Oat Drink (0011), Oat Drink (0012), Oat Drink (0013) and 1 more',
    ])
    const all = await get<Event[]>('GET /api/admin/activity?tool=inventory', undefined, 'admin')
    expect(all).toHaveLength(6)
    expect(all.map(({ type }) => type)).toEqual((await recent(100)).map(({ type }) => type))
  })

  test('of very many boxes it is told how many', async () => {
    const { get, app } = basement
    const { items: made } = await get<{ items: Item[] }>(`POST ${items}/bulk`, {
      items: [{ ...box, quantity: 40 }],
    })
    expect((await recent())[0]?.description).toMatch(/ and 37 more$/)
    app.clock.advance(1000)
    await get(`POST ${items}/bulk-remove`, { codes: made.map(({ code }) => code) })
    expect((await recent())[0]?.description).toBe('40 items')
  })

  test('every call can be taken back whole, and that again', async () => {
    const { add, get, app } = basement
    const { id } = await add('5001')
    const steps = [
      () => add('5002'),
      () =>
        get(`POST ${items}/bulk`, {
          items: [
            { ...box, quantity: 3 },
            { ...box, code: '5003' },
          ],
        }),
      () => get(`PATCH ${items}/${id}`, { name: 'Nut Drink', category: 'cups' }),
      () => get(`DELETE ${items}/${id}`),
      () => get(`POST ${items}/${id}/restore`, { code: '5004' }),
      () => get(`POST ${items}/bulk-remove`, { codes: ['5004', '5002'] }),
    ]
    for (const step of steps) {
      app.clock.advance(1000)
      const before = [await counts(), await get(`GET ${items}/${id}`)]
      await step()
      const after = [await counts(), await get(`GET ${items}/${id}`)]
      const [event] = await recent()
      app.clock.advance(1000)
      expect((await undo(event?.id)).status).toBe(200)
      expect([await counts(), await get(`GET ${items}/${id}`)]).toEqual(before)
      const [undone] = await get<Event[]>('GET /api/admin/activity?limit=1', undefined, 'admin')
      app.clock.advance(1000)
      expect((await undo(undone?.id)).status).toBe(200)
      expect([await counts(), await get(`GET ${items}/${id}`)]).toEqual(after)
    }
  })

  test('a removal is not taken back where its code has gone to another box', async () => {
    const { add, get, app } = basement
    await add('6001')
    await get(`DELETE ${items}/6001`)
    const [event] = await recent()
    app.clock.advance(1000)
    await add('6001')
    const before = await counts()
    expect((await undo(event?.id)).status).toBe(409)
    expect(await counts()).toEqual(before)
  })

  test('a box and its code go together: half of a call is not taken back', async () => {
    const { add, get, ask, app } = basement
    const { id } = await add('6101')
    app.clock.advance(1000)
    await get(`DELETE ${items}/${id}`)
    const entries = await get<{ id: string; model: string }[]>(
      `GET /api/admin/audit?row_id=${id}&limit=1`,
      undefined,
      'admin',
    )
    const answer = await undo(entries[0]?.id, 'entry')
    expect(answer).toMatchObject({ status: 409, body: { detail: expect.stringContaining('6101') } })
    expect((await ask<One>(`GET ${items}/${id}`)).body.item.is_removed).toBe(true)
  })

  test('codes that were reserved and are over stand in nobody’s way', async () => {
    const { add, get, app } = basement
    const { code } = await get<Reserved>(`POST ${at}/codes`)
    app.clock.advance(600_000)
    await add('6201')
    const [event] = await recent()
    app.clock.advance(1000)
    await add(code)
    expect((await undo(event?.id)).status).toBe(200)
  })

  test('the trail tells of every write who did it, but of reservations nothing', async () => {
    const { get, app } = basement
    const trail = () =>
      get<{ model: string; action: string; actor_id: string }[]>(
        'GET /api/admin/audit?limit=10',
        undefined,
        'admin',
      )
    const before = await trail()
    const { code } = await get<Reserved>(`POST ${at}/codes`, undefined, 'staff-ben')
    expect(await trail()).toEqual(before)
    await get(`POST ${items}`, { ...box, code }, 'staff-ben')
    const { id: actor_id } = await app.as('staff-ben')
    const written = (await trail()).slice(0, 3)
    expect(written.map(({ model }) => model).sort()).toEqual([
      'code_claim',
      'tracking_history',
      'tracking_item',
    ])
    expect(written).toMatchObject(Array(3).fill({ action: 'create', actor_id }))
  })
})
