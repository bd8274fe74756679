import { afterAll, beforeAll, expect, test } from 'bun:test'
import { eachDialect, fakeClock, type SendHeaders, type TestApp, testApp } from '#kit/testing'
import {
  api,
  type Current,
  openShop,
  type Refusal,
  type Session,
  type Shop,
  type Summary,
  type Whole,
} from './fixture/shop.ts'

const rounds = 20
const crowd = 50
const path = `${api}/sessions`

/** Two processes on one database, as far as it can tell: each has connections of its own, and a clock. */
eachDialect('two phones at one milk count', (dialect) => {
  let shop: Shop
  let other: TestApp
  let day = 0
  let ids: readonly string[]
  let count = 0
  const clock = fakeClock(Date.parse('2026-01-12T21:00-08:00'))
  const otherClock = fakeClock(clock.nowMs())

  beforeAll(async () => {
    const made = await dialect.create()
    const shared = { create: async () => ({ ...made, remove: async () => {} }) }
    shop = await openShop(shared, { clock, milks: 'none' })
    for (const name of ['A', 'B', 'C'])
      await shop.send('admin', `POST ${api}/admin/milk-types`, { name, category: 'dairy' })
    ids = (await shop.types()).map(({ id }) => id)
    other = await testApp(shop.app.app, { dialect: shared, clock: otherClock })
  })
  afterAll(async () => {
    await other.close()
    await shop.close()
  })

  /** Sends as somebody, to one server and the other in turn. */
  const send = async <T = Whole & Refusal>(
    ...[who, line, body, headers = {}]: readonly [string, string, unknown?, SendHeaders?]
  ) => {
    count += 1
    if (count % 2 === 0) return shop.ask<T>(who, line, body, headers)
    const { token } = await shop.app.as(who)
    const bearer = { ...headers, authorization: `Bearer ${token}` }
    return other.request<T>(null, line, body, bearer)
  }
  const who = (at: number) => (at % 2 === 0 ? 'staff-ana' : 'staff-ben')
  const times = <T>(many: number, work: (at: number) => Promise<T>) =>
    Promise.all(Array.from({ length: many }, (_, at) => work(at)))
  const each = async (work: (many: number) => Promise<void>) => {
    for (let round = 0; round < rounds; round += 1) await work(2)
    await work(crowd)
  }
  const statuses = (answers: readonly { readonly status: number }[]) =>
    answers.map(({ status }) => status).sort()
  const oneOf = (many: number, won: number, lost: number) => [won, ...Array(many - 1).fill(lost)]

  /** Both clocks to the evening of a day of its own; the other may be ahead. */
  const nextEvening = (time = '21:00:00', aheadMs = 0) => {
    // Past midnight a session may take the next day's date.
    day += 2
    const date = new Date(Date.UTC(2026, 0, 12 + day)).toISOString().slice(0, 10)
    const moment = Date.parse(`${date}T${time}-08:00`)
    clock.advance(moment - clock.nowMs())
    otherClock.advance(moment + aheadMs - otherClock.nowMs())
  }
  const begin = async () => {
    nextEvening()
    return (await shop.start('staff-ana')).body.session
  }
  const linesOf = (field: string, value: number) =>
    ids.map((milk_type_id) => ({ milk_type_id, [field]: value }))
  const foh = (value: number) => ({ counts: linesOf('foh_count', value) })

  async function startAtOnce(many: number, aheadMs = 0) {
    nextEvening(aheadMs === 0 ? '21:00:00' : '23:59:59.999', aheadMs)
    const answers = await times(many, (at) =>
      send<{ session: Session } & Refusal>(who(at), `POST ${path}/start`),
    )
    expect(statuses(answers)).toEqual(oneOf(many, 201, 409))
    const won = answers.find(({ status }) => status === 201)?.body.session
    for (const { status, body } of answers)
      if (status === 409) expect(body.session_id).toBe(won?.id ?? '')
    const { body } = await send<Current>('staff-ana', `GET ${path}/current`)
    expect(body.session?.id).toBe(won?.id ?? '')
    expect((await shop.whole(won?.id ?? '')).entries).toHaveLength(ids.length)
  }
  test('a session is started: one is, the others are told which', () =>
    each((many) => startAtOnce(many)))
  test('also around midnight, where each has another date', () =>
    each((many) => startAtOnce(many, 1)))

  async function sameAtOnce(many: number) {
    const { id } = await begin()
    const body = foh(4)
    const answers = await times(many, (at) => send(who(at), `PUT ${path}/${id}/night-foh`, body))
    expect(statuses(answers)).toEqual(Array(many).fill(200))
    const { session } = await shop.whole(id)
    for (const answer of answers) expect(answer.body.session).toEqual(session)
    expect(session.status).toBe('night_boh')
  }
  test('one phase is saved with the same values: all are told the winner’s name', () =>
    each(sameAtOnce))

  async function differentAtOnce(many: number) {
    const { id } = await begin()
    const answers = await times(many, (at) => send(who(at), `PUT ${path}/${id}/night-foh`, foh(at)))
    expect(statuses(answers)).toEqual(oneOf(many, 200, 409))
    const { session, entries } = await shop.whole(id)
    expect(session.status).toBe('night_boh')
    const won = answers.findIndex(({ status }) => status === 200)
    expect(entries.map((entry) => entry['foh_count'])).toEqual(Array(ids.length).fill(won))
    for (const { status, body } of answers)
      if (status === 409) expect(body.saved_by_name).toBe(who(won))
  }
  test('one phase is saved with other values: one advances', () => each(differentAtOnce))

  async function correctAtOnce(many: number, isGuarded: boolean) {
    const { id } = await begin()
    const saved = await send('staff-ana', `PUT ${path}/${id}/night-foh`, foh(7000))
    const headers = isGuarded ? { 'if-match': saved.headers.get('etag') } : {}
    const answers = await times(many, (at) =>
      send(who(at), `PUT ${path}/${id}/night-foh`, { ...foh(at), correction: true }, headers),
    )
    const { session, entries } = await shop.whole(id)
    const kept = entries.map((entry) => entry['foh_count'])
    expect(new Set(kept).size).toBe(1)
    expect(session['night_foh_by_name']).toBe(who(Number(kept[0])))
    expect(session.status).toBe('night_boh')
    if (isGuarded) expect(statuses(answers)).toEqual(oneOf(many, 200, 412))
    else expect(statuses(answers)).toEqual(Array(many).fill(200))
    const audit = await send<{ model: string }[]>(
      'admin',
      `GET /api/admin/audit?model=milk_session&row_id=${id}&limit=100`,
    )
    // Its creation, the save, and each correction that was made.
    expect(audit.body).toHaveLength(2 + (isGuarded ? 1 : many))
  }
  test('one phase is corrected with If-Match: the first', () =>
    each((many) => correctAtOnce(many, true)))
  test('and without: all, the later stays; all are audited', () =>
    each((many) => correctAtOnce(many, false)))

  /** A session whose orders are due: FOH 1, BOH 2, 3 in the morning. */
  async function due() {
    const { id } = await begin()
    const morning = { method: 'boh_count', current_boh: 3 }
    const bodies = { 'night-foh': foh(1), 'night-boh': { counts: linesOf('boh_count', 3) } }
    for (const [phase, body] of Object.entries(bodies))
      await send('staff-ana', `PUT ${path}/${id}/${phase}`, body)
    const counts = ids.map((milk_type_id) => ({ milk_type_id, ...morning }))
    await send('staff-ana', `PUT ${path}/${id}/morning`, { counts })
    return id
  }
  const orders = () => ({ on_orders: linesOf('on_order', 0) })

  async function completeAgainstCorrection(many: number) {
    const id = await due()
    const corrected = { ...foh(5), correction: true }
    const order = orders()
    const answers = await times(many, (at) =>
      at === 0
        ? send('staff-ana', `PUT ${path}/${id}/on-order`, order)
        : send('staff-ben', `PUT ${path}/${id}/night-foh`, corrected),
    )
    const [done, ...rest] = answers
    expect(done?.status).toBe(200)
    const { session, summary } = (await send<Summary>('staff', `GET ${path}/${id}/summary`)).body
    expect(session.status).toBe('completed')
    const isIn = rest.some(({ status }) => status === 200)
    expect(summary.map(({ foh: front }) => front)).toEqual(Array(ids.length).fill(isIn ? 5 : 1))
    for (const { status, body } of rest)
      if (status !== 200) expect([status, body.saved_by_name]).toEqual([409, 'staff-ana'])
  }
  test('a completion against a correction: either it is in, or it is refused', () =>
    each(completeAgainstCorrection))

  async function completeAgainstPar(many: number) {
    const id = await due()
    const par = `PUT ${api}/admin/par-levels/${ids[0]}`
    await send('admin', par, { par_value: 10 })
    const order = orders()
    const answers = await times(many, (at) =>
      at === 0
        ? send('staff-ana', `PUT ${path}/${id}/on-order`, order)
        : send('admin', par, { par_value: 10 + at }),
    )
    expect(statuses(answers)).toEqual(Array(many).fill(200))
    const read = async () => (await send<Summary>('staff', `GET ${path}/${id}/summary`)).body
    const [whole] = (await read()).summary
    expect(whole?.['par']).toBeGreaterThanOrEqual(10)
    expect(whole?.['par']).toBeLessThan(10 + many)
    expect(whole?.['order']).toBe(Number(whole?.['par']) - 4)
    await send('admin', par, { par_value: 500 })
    expect((await read()).summary[0]).toEqual(whole as never)
  }
  test('a completion against a new par: the one or the other, and it stays', () =>
    each(completeAgainstPar))

  async function reorderAtOnce(many: number) {
    const lists = Array.from({ length: many }, (_, at) => [
      ...ids.slice(at % ids.length),
      ...ids.slice(0, at % ids.length),
    ])
    const answers = await times(many, (at) =>
      send<{ id: string }[]>('admin', `PUT ${api}/admin/milk-types/reorder`, {
        item_orders: lists[at]?.map((id, place) => ({ id, display_order: place + 1 })),
      }),
    )
    expect(statuses(answers)).toEqual(Array(many).fill(200))
    expect(answers.map(({ body }) => body.map(({ id }) => id))).toEqual(lists)
    const rows = await shop.types()
    expect(rows.map(({ display_order }) => display_order)).toEqual([1, 2, 3])
    expect(lists).toContainEqual(rows.map(({ id }) => id))
  }
  test('milk types are reordered: a whole list, the later', () => each(reorderAtOnce))
})
