import { afterAll, beforeAll, expect, test } from 'bun:test'
import { eachDialect, type TestApp, testApp } from '#kit/testing'
import {
  api,
  type CatalogueItem,
  type Display,
  openDisplay,
  type PullList,
  type Started,
} from './fixture/display.ts'

const rounds = 20
const crowd = 50
const path = `${api}/sessions`

/** Two processes on one database, as far as it can tell: each has connections of its own. */
eachDialect('two phones at once', (dialect) => {
  let display: Display
  let other: TestApp
  let ids: readonly string[]
  let count = 0

  beforeAll(async () => {
    const made = await dialect.create()
    const shared = { create: async () => ({ ...made, remove: async () => {} }) }
    display = await openDisplay(shared)
    const { app, clock } = display.app
    other = await testApp(app, { dialect: shared, clock })
    const items: CatalogueItem[] = []
    for (const name of ['A', 'B', 'C', 'D']) items.push(await display.add(name, 8))
    ids = items.map(({ id }) => id)
  })
  afterAll(async () => {
    await other.close()
    await display.close()
  })

  /** Sends as somebody, to one server and the other in turn. */
  const send = async <T>(who: string, line: string, body?: unknown) => {
    count += 1
    if (count % 2 === 0) return display.ask<T>(who, line, body)
    const { token } = await display.app.as(who)
    return other.request<T>(null, line, body, { authorization: `Bearer ${token}` })
  }
  const newSession = async (who: string) =>
    (await send<Started>(who, `POST ${path}/start`)).body.session_id
  const counted = (who: string, id: string, counted_quantity: number) =>
    send<{ item: { counted_quantity: number } }>(who, `PUT ${path}/${id}/count`, {
      item_id: ids[0],
      counted_quantity,
    })
  const twentyTimes = (work: (round: number) => Promise<void>) => async () => {
    for (let round = 0; round < rounds; round += 1) await work(round)
  }
  const times = <T>(many: number, work: (at: number) => Promise<T>) =>
    Promise.all(Array.from({ length: many }, (_, at) => work(at)))

  async function startAtOnce(many: number) {
    const started = await times(many, () => send<Started>('staff-ana', `POST ${path}/start`, {}))
    expect(started.map(({ status }) => status)).toEqual(Array(many).fill(201))
    const { body } = await send<{ session: { id: string } }>('staff-ana', `GET ${path}/active`)
    const open = body.session.id
    const lost = started.map((answer) => answer.body.session_id).filter((id) => id !== open)
    expect(lost).toHaveLength(many - 1)
    const late = await counted('staff-ana', lost[0] ?? '', 1)
    expect([late.status, late.body]).toMatchObject([410, { session_id: open }])
    expect((await counted('staff-ana', open, 1)).status).toBe(200)
  }
  test(
    'one person starts: one session is open, the others are over',
    twentyTimes(() => startAtOnce(2)),
  )
  test('fifty times at once, too', () => startAtOnce(crowd))

  async function countAtOnce(id: string, many: number) {
    const answers = await times(many, (at) => counted('staff-ben', id, at))
    expect(answers.map(({ status }) => status)).toEqual(Array(many).fill(200))
    expect(answers.map(({ body }) => body.item.counted_quantity)).toEqual([...Array(many).keys()])
    const { body } = await send<PullList & { items: { counted_quantity: number | null }[] }>(
      'staff-ben',
      `GET ${path}/${id}`,
    )
    const kept = body.items.map(({ counted_quantity }) => counted_quantity)
    expect(kept.slice(1)).toEqual([null, null, null])
    expect(kept[0]).toBeLessThan(many)
  }
  test('one item is counted: each is told his own, one row has one of them', async () => {
    await twentyTimes(async () => countAtOnce(await newSession('staff-ben'), 2))()
    await countAtOnce(await newSession('staff-ben'), crowd)
  })

  async function completeAtOnce(many: number) {
    const id = await newSession('staff-ana')
    await counted('staff-ana', id, 3)
    const answers = await times(many, () => send('staff-ana', `POST ${path}/${id}/complete`))
    const { body } = await send<{ session: { completed_at: string } }>(
      'staff-ana',
      `GET ${path}/${id}`,
    )
    const { completed_at } = body.session
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    for (const answer of answers.filter(({ status }) => status !== 200))
      expect([answer.status, answer.body]).toMatchObject([409, { completed_at }])
    expect(await restocksOf(id)).toHaveLength(1)
  }
  const restocksOf = async (id: string) => {
    const { body } = await send<{ session_id: string; units: number }[]>(
      'staff-ben',
      `GET ${api}/history?limit=100&user_id={staff-ana}`.replace(
        '{staff-ana}',
        (await display.app.as('staff-ana')).id,
      ),
    )
    return body.filter(({ session_id }) => session_id === id)
  }
  test('one session is completed: once, with one record', async () => {
    await twentyTimes(() => completeAtOnce(2))()
    await completeAtOnce(crowd)
  })

  test('a count against the completion: it is in the record, or refused', async () => {
    await twentyTimes(async () => {
      const id = await newSession('staff-ana')
      const [count, done] = await Promise.all([
        counted('staff-ana', id, 2),
        send('staff-ana', `POST ${path}/${id}/complete`),
      ])
      expect(done.status).toBe(200)
      expect([200, 409]).toContain(count.status)
      const [record] = await restocksOf(id)
      expect(record?.units).toBe(count.status === 200 ? 6 : 0)
      const { body } = await send<PullList>('staff-ana', `GET ${path}/${id}/pull-list`)
      expect(body.total_units).toBe(record?.units ?? -1)
    })()
  })

  async function reorderAtOnce(many: number) {
    const lists = Array.from({ length: many }, (_, at) => [
      ...ids.slice(at % ids.length),
      ...ids.slice(0, at % ids.length),
    ])
    const answers = await times(many, (at) =>
      send<CatalogueItem[]>('admin', `PUT ${api}/admin/items/reorder`, {
        item_orders: lists[at]?.map((id, place) => ({ id, display_order: place + 1 })),
      }),
    )
    const idsOf = (rows: readonly CatalogueItem[]) => rows.map(({ id }) => id)
    expect(answers.map(({ status }) => status)).toEqual(Array(many).fill(200))
    expect(answers.map(({ body }) => idsOf(body))).toEqual(lists)
    const rows = await display.catalogue()
    expect(rows.map(({ display_order }) => display_order)).toEqual([1, 2, 3, 4])
    expect(lists).toContainEqual(idsOf(rows))
  }
  test('two orders: the later one, whole', async () => {
    await twentyTimes(() => reorderAtOnce(2))()
    await reorderAtOnce(crowd)
  })

  test('items that come at once stand at places of their own', async () => {
    await times(10, async (at) => {
      const { status } = await send('admin', `POST ${api}/admin/items`, {
        name: `New ${at}`,
        par_level: 1,
      })
      expect(status).toBe(201)
    })
    const rows = await display.catalogue()
    expect(rows.map(({ display_order }) => display_order)).toEqual(
      Array.from({ length: 14 }, (_, at) => at + 1),
    )
  })
})
