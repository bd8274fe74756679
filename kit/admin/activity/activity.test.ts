import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { bindSystem } from '#kit/db'
import { eachDialect, scenarios, type TestApp } from '#kit/testing'
import { addPeople, depot, idOf, openDepot, Tag } from '../fixture/depot.ts'
import type { AuditedUnit } from './activity.ts'
import { createActivityBook } from './activity-book.ts'
import { describeChanges, describeMany } from './describe-changes.ts'
import type { ActivityEvent } from './read-feed.ts'

const parcels = '/api/admin/parcels'
const feed = '/api/admin/activity'
const recent = '/api/activity/recent'

eachDialect('the feeds', (dialect) => {
  let app: TestApp
  const create = async (label: string, more: object = {}) => {
    const body = { label, person_id: idOf('ada'), ...more }
    return (await app.request<{ id: string }>('admin', `POST ${parcels}`, body)).body.id
  }
  const read = async (query = '', path = feed) =>
    (await app.request<ActivityEvent[]>('admin', `GET ${path}${query}`)).body
  const typesOf = (events: readonly ActivityEvent[]) => events.map(({ type }) => type)

  beforeAll(async () => {
    app = await openDepot(dialect)
    await addPeople(app)
    const first = await create('First')
    app.clock.advance(1000)
    await app.request('admin', `PATCH ${parcels}/${first}`, { label: 'First' })
    await app.request('admin', `PATCH ${parcels}/${first}`, { label: '' })
    await app.request('admin', `PATCH ${parcels}/${first}`, { label: 'Erste', weight: 2.5 })
    app.clock.advance(1000)
    await app.request('admin', `POST ${parcels}/${first}/send`)
    app.clock.advance(1000)
    await app.request('admin2', `POST ${parcels}/${await create('Noted', { note: 'n' })}/send`)
    app.clock.advance(1000)
    await app.request('admin', 'POST /api/admin/tags', { name: 'Red' })
    app.clock.advance(24 * 3_600_000)
    await app.request('admin2', `DELETE ${parcels}/${first}`)
  })
  afterAll(() => app.close())

  test('one event for each call that wrote, newest first; what is declared, else what it was', async () => {
    const events = await read()
    expect(typesOf(events)).toEqual([
      'parcel_removed',
      'tag_created',
      'parcel_resent',
      'parcel_packed',
      'parcel_sent',
      'parcel_changed',
      'parcel_packed',
      'person_created',
    ])
    expect(events[1]).toMatchObject({
      tool: 'parcels',
      title: 'Tag created',
      description: 'Tag 1',
      user_id: idOf('admin'),
      user_name: null,
    })
    expect(events[5]?.description).toBe('label: First → Erste; weight: none → 2.5')
    expect(events[6]).toMatchObject({ title: 'Packed', description: 'First' })
    expect(events[7]).toMatchObject({ user_id: null, user_name: null })
    expect(events[7]?.description).toBe(`Person ${idOf('ada')} and 1 more`)
    const times = events.map(({ timestamp }) => timestamp)
    expect(times).toEqual([...times].sort().reverse())
  })

  test('whoever is known is named', async () => {
    const { database, clock } = app.opened.context
    const actor = { id: idOf('ada'), role: 'user', sessionId: null } as const
    await database.write('tag', async (executor) => {
      await bindSystem(database, { executor, actor, nowMs: clock.nowMs })(Tag).create({
        name: 'Own',
      })
    })
    const [event] = await read('?limit=1')
    expect(event).toMatchObject({ type: 'tag_created', user_id: idOf('ada'), user_name: 'ada' })
  })

  test('by type, tool, person and day', async () => {
    expect(typesOf(await read('?type=parcel_sent'))).toEqual(['parcel_sent'])
    expect(typesOf(await read('?type=parcel_resent'))).toEqual(['parcel_resent'])
    expect(typesOf(await read('?type=parcel_removed'))).toEqual(['parcel_removed'])
    expect(typesOf(await read('?type=tag_removed'))).toEqual([])
    expect(await read('?tool=plinth')).toEqual([])
    expect(await read('?tool=parcels')).toHaveLength(9)
    expect(await read(`?user_id=${idOf('admin2')}`)).toHaveLength(2)
    expect(await read('?user_id=nobody')).toEqual([])
    // The clock began at midnight UTC, which was the day before in the shop.
    expect(await read('?from=2025-12-31&to=2025-12-31')).toHaveLength(7)
    expect(typesOf(await read('?from=2026-01-01'))).toEqual(['tag_created', 'parcel_removed'])
    expect(await read('?to=2025-12-30')).toEqual([])
  })

  test('pages hold every event once', async () => {
    const all = await read('?limit=100')
    const seen: ActivityEvent[] = []
    let path = `${feed}?limit=2`
    while (path !== '') {
      const answer = await app.request<ActivityEvent[]>('admin', `GET ${path}`)
      expect(answer.body.length).toBeLessThanOrEqual(2)
      seen.push(...answer.body)
      path = /<(.*)>/.exec(answer.headers.get('link') ?? '')?.[1] ?? ''
    }
    expect(seen).toEqual(all)
  })

  test('a page is filled where events between are of another type', async () => {
    const id = await create('Busy', { note: 'x' })
    const events = await read('?type=parcel_sent&limit=1')
    expect(typesOf(events)).toEqual(['parcel_sent'])
    await app.request('admin', `POST ${parcels}/${id}/send`)
    expect(await read('?type=parcel_sent&limit=1')).toEqual(events)
  })

  test('staff read what is released to them, and nothing else', async () => {
    const { body } = await app.request<ActivityEvent[]>('staff', `GET ${recent}?limit=3`)
    expect(typesOf(body)).toEqual(['parcel_resent', 'parcel_packed', 'parcel_resent'])
    const all = await read('', recent)
    expect(new Set(typesOf(all))).toEqual(
      new Set(['parcel_packed', 'parcel_sent', 'parcel_resent']),
    )
  })

  test('a large call is one event that counts all', async () => {
    for (const count of [19, 20, 21, 45]) {
      const ids: string[] = []
      for (let at = 0; at < count; at += 1)
        ids.push(await create(`L${String(at).padStart(2, '0')}`))
      const answer = await app.request('admin', `POST ${parcels}/bulk-delete`, { ids })
      expect(answer.body).toEqual({ deleted: count })
      // The next unit of the chain ends this one.
      await create('After')
      const [, event] = await read('?limit=2')
      expect(event?.type).toBe('parcels_burnt')
      expect(event?.description).toMatch(
        new RegExp(`^L\\d\\d, L\\d\\d, L\\d\\d and ${count - 3} more$`),
      )
    }
  })

  test('as CSV, in the time of the shop', async () => {
    const { text } = await app.request('admin', `GET ${feed}?format=csv&type=person_created`)
    expect(text.split('\r\n').slice(0, 2)).toEqual([
      'timestamp,type,tool,title,description,user_id,user_name',
      expect.stringMatching(/^2025-12-31T16:00:00-08:00,person_created,parcels,/),
    ])
  })

  const bad = (query: string, path: string) =>
    ['admin', `GET ${feed}?${query}`, undefined, 400, { errors: [{ path }] }] as const
  scenarios(() => app, {
    'nobody in particular': [null, `GET ${feed}`, undefined, 401],
    'a user': ['ada', `GET ${feed}`, undefined, 403],
    staff: ['staff', `GET ${feed}`, undefined, 403],
    'nobody reads what was done lately': [null, `GET ${recent}`, undefined, 401],
    'nor does a user': ['ada', `GET ${recent}`, undefined, 403],
    'a type that is none': bad('type=nap', 'type'),
    'a tool that is none': bad('tool=depot', 'tool'),
    'a day that is none': bad('from=2026-02-30', 'from'),
    'an instant': bad('to=2026-01-01T00:00:00Z', 'to'),
    'a day before all': bad('from=0001-01-01', 'from'),
    'a day after all': bad('to=9999-12-31', 'to'),
    'the last day there is': [
      'admin',
      `GET ${feed}?from=9998-12-31&to=9998-12-31`,
      undefined,
      200,
      [],
    ],
    'from after to': bad('from=2026-01-02&to=2026-01-01', 'to'),
    'no limit': bad('limit=0', 'limit'),
    'a limit too high': bad('limit=101', 'limit'),
    'a cursor of another list': bad('cursor=WyJhIiwiYiJd', 'cursor'),
    'no limit for staff': ['staff', `GET ${recent}?limit=101`, undefined, 400],
    'no filters for staff': ['staff', `GET ${recent}?type=parcel_sent`, undefined, 400],
  })
})

describe('descriptions', () => {
  const write = { action: 'change', model: 'x', rowId: '1' } as const

  test('of changes are short, and never of the time', () => {
    const long = 'x'.repeat(61)
    const before = { name: null, big: long, on: false, updated_at: '1' }
    const after = { name: 'Ada', big: '𝔘'.repeat(60), on: true, updated_at: '2' }
    expect(describeChanges({ ...write, before, after })).toBe(
      `name: none → Ada; big: ${'x'.repeat(60)}… → ${'𝔘'.repeat(60)}; on: false → true`,
    )
    expect(describeChanges({ ...write, before: null, after: null })).toBe('')
  })

  test('of many name three', () => {
    expect([
      describeMany(['a'], 1),
      describeMany(['a', 'b', 'c'], 3),
      describeMany(['a', 'b', 'c', 'd'], 9),
    ]).toEqual(['a', 'a, b, c', 'a, b, c and 6 more'])
  })

  test('of what nobody declared tell which row, and no more', () => {
    const unit: AuditedUnit = {
      writes: [{ ...write, model: 'task', before: null, after: { title: 'secret' } }],
      count: 2,
    }
    const done = { ...unit, operation: 'elsewhere' }
    expect(createActivityBook([depot]).tell(done, () => undefined)).toEqual({
      type: 'task_changed',
      tool: 'plinth',
      audience: 'admin',
      title: 'Task changed',
      description: 'Task 1 and 1 more',
    })
  })
})
