import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { eachDialect, fakeClock } from '#kit/testing'
import { api, openShop, type Session, type Shop } from './fixture/shop.ts'

eachDialect('sessions of milk-count', (dialect) => {
  let shop: Shop
  beforeAll(async () => {
    shop = await openShop(dialect)
  })
  afterAll(() => shop.close())

  /** Starts one, and answers what must come back. */
  const started = async (who = 'staff-ana', body?: unknown): Promise<Session> => {
    const { status, body: answer, text } = await shop.start(who, body)
    expect([status, status === 201 ? '' : text]).toEqual([201, ''])
    return answer.session
  }
  const finish = async (who: string, id: string) => {
    for (const phase of ['night-foh', 'night-boh', 'morning', 'on-order'] as const)
      expect((await shop.save(who, id, phase, 1)).status).toBe(200)
  }

  describe('M1: one session from the night to the morning', () => {
    let monday: Session

    test('Monday at nine', async () => {
      expect(await shop.current()).toEqual({ session: null, last_completed: null })
      monday = await started()
      expect(monday).toMatchObject({
        session_date: '2026-01-12',
        status: 'night_foh',
        started_at: '2026-01-13T05:00:00.000Z',
        started_by_name: 'staff-ana',
        completed_at: null,
      })
      const again = await shop.start('staff-ben')
      expect([again.status, again.body.code, again.body.session_id]).toEqual([
        409,
        'conflict',
        monday.id,
      ])
    })

    test('is current until 20 hours are over', async () => {
      for (const moment of ['2026-01-13T05:30-08:00', '2026-01-13T16:59:59.999-08:00']) {
        shop.at(moment)
        expect((await shop.current()).session?.id).toBe(monday.id)
        expect((await shop.start('staff-ben')).body.session_id).toBe(monday.id)
      }
      shop.at('2026-01-13T17:00-08:00')
      expect((await shop.current()).session).toBeNull()
      const tuesday = await started()
      expect(tuesday.session_date).toBe('2026-01-13')
      await finish('staff-ben', tuesday.id)
      expect((await shop.current()).session?.status).toBe('completed')
    })

    test('an older one blocks nothing but its date, and is finished by its id', async () => {
      shop.at('2026-01-14T21:00-08:00')
      const wednesday = await started()
      await finish('staff-ana', monday.id)
      const { session, last_completed } = await shop.current()
      expect([session?.id, last_completed?.id]).toEqual([wednesday.id, monday.id])
      shop.at('2026-01-15T06:10-08:00')
      await finish('staff-ana', wednesday.id)
      expect(await shop.current()).toEqual({
        session: null,
        last_completed: {
          id: wednesday.id,
          session_date: '2026-01-14',
          completed_at: '2026-01-15T14:10:00.000Z',
        } as never,
      })
    })

    test('today answers as current does', async () => {
      const today = await shop.send('staff', `GET ${api}/sessions/today`)
      expect(today as object).toEqual(await shop.current())
    })
  })

  describe('M2: past midnight', () => {
    test('at half past midnight it is that day, or yesterday where that is asked for', async () => {
      shop.at('2026-01-20T00:30-08:00')
      for (const session_date of ['2026-01-18', '2026-01-21', '2025-01-20']) {
        const other = await shop.start('staff-ana', { session_date })
        expect([other.status, other.body.errors[0]?.path]).toEqual([400, 'session_date'])
      }
      const yesterday = await started('staff-ana', { session_date: '2026-01-19' })
      expect(yesterday.session_date).toBe('2026-01-19')
      shop.at('2026-01-20T21:00-08:00')
      const evening = await started('staff-ana', {})
      expect(evening.session_date).toBe('2026-01-20')
      await finish('staff-ana', evening.id)
    })

    test('what was started without a date at half past midnight is of that day', async () => {
      shop.at('2026-01-22T00:30-08:00')
      const session = await started()
      expect(session.session_date).toBe('2026-01-22')
      shop.at('2026-01-22T21:00-08:00')
      const evening = await shop.start('staff-ben')
      expect([evening.status, evening.body.session_id]).toEqual([409, session.id])
      expect(evening.body.detail).toContain('2026-01-22')
    })
  })

  describe('20 hours, whatever the clocks do', () => {
    for (const [start, last, over] of [
      ['2026-03-07T21:00-08:00', '2026-03-08T17:59:59.999-07:00', '2026-03-08T18:00-07:00'],
      ['2026-10-31T21:00-07:00', '2026-11-01T15:59:59.999-08:00', '2026-11-01T16:00-08:00'],
    ] as const)
      test(`${start}: until ${over}`, async () => {
        shop.at(start)
        const session = await started()
        expect(session.session_date).toBe(start.slice(0, 10))
        shop.at(last)
        expect((await shop.current()).session?.id).toBe(session.id)
        shop.at(over)
        expect((await shop.current()).session).toBeNull()
        expect((await started()).session_date).toBe(over.slice(0, 10))
      })
  })

  test('a shop that moves to another time zone goes on', async () => {
    const database = await dialect.create()
    const keep = { create: async () => ({ ...database, remove: async () => undefined }) }
    const clock = fakeClock(Date.parse('2026-01-12T21:00-08:00'))
    const before = await openShop(keep, { clock })
    const { session } = (await before.start('staff-ana')).body
    await before.close()
    const after = await openShop(keep, { clock, timeZone: 'Asia/Tokyo', milks: 'none' })
    // In Tokyo it is Tuesday, 14:00.
    expect((await after.current('admin')).session).toMatchObject({
      id: session.id,
      session_date: '2026-01-12',
    })
    expect((await after.start('admin')).body.session_id).toBe(session.id)
    after.at('2026-01-14T10:00+09:00')
    expect((await after.current('admin')).session).toBeNull()
    const other = await after.start('admin', { session_date: '2026-01-12' })
    expect(other.body.errors[0]?.path).toBe('session_date')
    const next = await after.start('admin')
    expect(next.body.session.session_date).toBe('2026-01-14')
    await after.close()
  }, 20_000)

  test('with no active milk there is nothing to start', async () => {
    const empty = await openShop(dialect, { milks: 'none' })
    const refused = await empty.start('staff-ana')
    expect([refused.status, refused.body.code]).toEqual([409, 'conflict'])
    await empty.close()
  })
})
