import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { eachDialect } from '#kit/testing'
import { api, figure, openShop, type Session, type Shop } from './fixture/shop.ts'

const path = `${api}/sessions`
const people = ['staff-ana', 'staff-ben', 'staff-cy', 'staff-dee'] as const

/** The figures of the spec: FOH, night BOH, current BOH, delivered, total, on order, order. */
const figures = {
  Whole: [9, 16, 28, 12, 37, 4, 7],
  'Reduced Fat 2%': [7, 31, 26, 0, 33, 0, 27],
  Oat: [8, 15, null, 6, 29, 0, 0],
  Almond: [3, 0, 5, 5, 8, 3, 1],
  Soy: [0, 7, null, 0, 7, 11, 0],
}

eachDialect('phases of milk-count', (dialect) => {
  let shop: Shop
  let day = 0
  let session: Session

  /** A session of a day of its own. */
  const begin = async () => {
    day += 1
    shop.at(`2026-02-${String(day).padStart(2, '0')}T21:00-08:00`)
    session = (await shop.start('staff-ana')).body.session
  }
  /** Saves the figures of the table, a person a phase. */
  const saveAll = async () => {
    const phases = ['night-foh', 'night-boh', 'morning', 'on-order'] as const
    for (const [at, phase] of phases.entries()) {
      const saved = await shop.save(people[at] ?? '', session.id, phase, figureOf[phase])
      expect([saved.status, saved.status === 200 ? '' : saved.text]).toEqual([200, ''])
    }
  }
  const figureOf = {
    'night-foh': figure(3),
    'night-boh': figure(4),
    morning: figure(5),
    'on-order': figure(6),
  } as const
  const lineOf = async (name: string) => {
    const { summary } = await shop.summary(session.id)
    return summary.find(({ milk_type }) => milk_type === name) ?? {}
  }
  const setPar = async (name: string, par_value: number) =>
    shop.send('admin', `PUT ${api}/admin/par-levels/${await shop.milk(name)}`, { par_value })
  const change = async (name: string, body: object) =>
    shop.send('admin', `PUT ${api}/admin/milk-types/${await shop.milk(name)}`, body)
  const reopen = (body?: object) =>
    shop.ask('admin', `POST ${api}/admin/sessions/${session.id}/reopen`, body)

  beforeAll(async () => {
    shop = await openShop(dialect, { milks: 'table' })
  })
  afterAll(() => shop.close())

  describe('M3: the table, by four people', () => {
    beforeAll(async () => {
      await begin()
      await saveAll()
    })

    test('four names, every figure', async () => {
      const { session: row, summary, totals } = await shop.summary(session.id)
      expect(row).toMatchObject({
        status: 'completed',
        started_by_name: 'staff-ana',
        night_foh_by_name: 'staff-ana',
        night_boh_by_name: 'staff-ben',
        morning_by_name: 'staff-cy',
        on_order_by_name: 'staff-dee',
        completed_at: row['on_order_saved_at'] ?? '',
      })
      const shown = summary.map((line) => {
        const { milk_type, foh, boh, current_boh, delivered, total, on_order, order } = line
        return [milk_type, [foh, boh, current_boh, delivered, total, on_order, order]]
      })
      expect(Object.fromEntries(shown)).toEqual(figures)
      expect(summary.map(({ milk_type }) => milk_type)).toEqual(Object.keys(figures))
      expect(totals).toEqual({
        total_foh: 27,
        total_boh: 69,
        total_delivered: 23,
        total_on_order: 18,
        total_inventory: 114,
        total_par: 162,
        total_order: 35,
      })
    })

    test('then par, name and order change: the same summary', async () => {
      const before = await shop.summary(session.id)
      await setPar('Whole', 80)
      await change('Oat', { name: 'Oat Barista', category: 'dairy', display_order: 1 })
      await change('Soy', { active: false })
      expect(await shop.summary(session.id)).toEqual(before)
      const { entries } = await shop.whole(session.id)
      expect(entries.map(({ milk_type_name }) => milk_type_name)).toEqual(Object.keys(figures))
      expect(entries[2]).toMatchObject({
        milk_type_category: 'non_dairy',
        type_name: 'Oat',
        type_order: 3,
        par_value: 24,
      })
    })

    test('reopened and completed: what was frozen stays, or counts anew', async () => {
      const reopened = await reopen()
      expect(reopened.body).toMatchObject({ session: { status: 'on_order', completed_at: null } })
      expect((await reopen()).status).toBe(409)
      await shop.save('staff-dee', session.id, 'on-order', figureOf['on-order'])
      expect(await lineOf('Whole')).toMatchObject({ par: 48, order: 7 })
      expect((await reopen({ par: 'current' })).status).toBe(200)
      expect(await lineOf('Whole')).toMatchObject({ par: 80 })
      const lines = (name: string) => figure(6)(name === 'Oat Barista' ? 'Oat' : name)
      const done = await shop.save('staff-dee', session.id, 'on-order', lines)
      expect(done.body.session.status).toBe('completed')
      expect(await lineOf('Whole')).toMatchObject({ par: 80, order: 39 })
      const { summary } = await shop.summary(session.id)
      expect(summary.map(({ milk_type }) => milk_type)).toEqual([
        'Oat Barista',
        'Whole',
        'Reduced Fat 2%',
        'Almond',
        'Soy',
      ])
    })

    afterAll(async () => {
      const all = await shop.send<{ id: string; name: string }[]>(
        'admin',
        `GET ${api}/admin/milk-types?include_inactive=true`,
      )
      const soy = all.find(({ name }) => name === 'Soy')
      await shop.send('admin', `PUT ${api}/admin/milk-types/${soy?.id}`, { active: true })
      await change('Oat Barista', { name: 'Oat', category: 'non_dairy', display_order: 3 })
      await setPar('Whole', 48)
    })
  })

  describe('corrections', () => {
    beforeEach(begin)

    test('a corrected night corrects the order', async () => {
      for (const phase of ['night-foh', 'night-boh', 'morning'] as const)
        await shop.save('staff-ana', session.id, phase, figureOf[phase])
      const boh = (name: string) => (name === 'Whole' ? 20 : figure(4)(name))
      const refused = await shop.save('staff-ben', session.id, 'night-boh', boh)
      expect([refused.status, refused.body]).toMatchObject([
        409,
        { saved_by_name: 'staff-ana', saved_at: new Date(shop.app.clock.nowMs()).toISOString() },
      ])
      shop.app.clock.advance(60_000)
      const saved = await shop.save('staff-ben', session.id, 'night-boh', boh, {
        correction: true,
      })
      expect([saved.status, saved.body.session]).toMatchObject([
        200,
        {
          status: 'on_order',
          night_boh_by_name: 'staff-ben',
          night_boh_saved_at: new Date(shop.app.clock.nowMs()).toISOString(),
          night_foh_by_name: 'staff-ana',
        },
      ])
      expect(await lineOf('Whole')).toMatchObject({ delivered: 8, total: 37, order: null })
      await shop.save('staff-ana', session.id, 'on-order', figureOf['on-order'])
      expect(await lineOf('Whole')).toMatchObject({ delivered: 8, total: 37, order: 7 })
    })

    test('a method may be corrected to the other', async () => {
      await shop.save('staff-ana', session.id, 'night-foh', 1)
      await shop.save('staff-ana', session.id, 'night-boh', 2)
      await shop.save('staff-ana', session.id, 'morning', 5)
      expect(await lineOf('Oat')).toMatchObject({ method: 'boh_count', delivered: 3, total: 6 })
      const other = () => ({ delivered: 4 })
      await shop.save('staff-ana', session.id, 'morning', other, { correction: true })
      expect(await lineOf('Oat')).toMatchObject({
        method: 'direct_delivered',
        current_boh: null,
        delivered: 4,
        total: 7,
      })
    })

    test('the same values: nothing is written, even when completed; others are refused', async () => {
      await saveAll()
      const tag = async () =>
        (await shop.ask('staff', `GET ${path}/${session.id}`)).headers.get('etag')
      const before = [await shop.whole(session.id), await tag()]
      shop.app.clock.advance(60_000)
      for (const phase of ['night-foh', 'night-boh', 'morning', 'on-order'] as const) {
        const again = await shop.save('staff-dee', session.id, phase, figureOf[phase])
        expect([again.status, again.body]).toEqual([200, before[0] as never])
        const more = phase === 'on-order' ? {} : { correction: true }
        const other = await shop.save('staff-dee', session.id, phase, 77, more)
        expect([other.status, other.body.code]).toEqual([409, 'conflict'])
        expect(people).toContain(other.body.saved_by_name as never)
        expect(other.body.saved_at).toBeString()
      }
      expect([await shop.whole(session.id), await tag()]).toEqual(before as never)
    })

    test('a milk that is called otherwise shows, though the session has the same tag', async () => {
      const line = `GET ${path}/${session.id}`
      const etag = (await shop.ask('staff', line)).headers.get('etag')
      await change('Oat', { name: 'Oats' })
      const again = await shop.ask('staff', line, undefined, { 'if-none-match': etag })
      expect([again.status, again.headers.get('etag')]).toEqual([200, etag])
      expect(again.text).toContain('Oats')
      await change('Oats', { name: 'Oat' })
    })

    test('the entity tag changes with each save, however quick they are', async () => {
      const tags: (string | null)[] = []
      const save = async (...sent: Parameters<Shop['save']>) => {
        const saved = await shop.save(...sent)
        expect(saved.status).toBe(200)
        tags.push(saved.headers.get('etag'))
      }
      await save('staff-ana', session.id, 'night-foh', 1)
      for (const value of [2, 3, 2])
        await save('staff-ana', session.id, 'night-foh', value, { correction: true })
      expect(new Set(tags).size).toBe(4)
      const headers = { 'if-match': tags[2] ?? '' }
      const more = { correction: true, headers }
      const stale = await shop.save('staff-ben', session.id, 'night-foh', 9, more)
      expect([stale.status, stale.body.code]).toEqual([412, 'stale'])
      const fresh = { correction: true, headers: { 'if-match': tags[3] ?? '' } }
      await save('staff-ben', session.id, 'night-foh', 9, fresh)
    })
  })

  test('what rests on a phase that is not saved is null, its total too', async () => {
    await begin()
    const seen: object[] = [(await shop.summary(session.id)).totals]
    for (const phase of ['night-foh', 'night-boh', 'morning'] as const) {
      await shop.save('staff-ana', session.id, phase, figureOf[phase])
      seen.push((await shop.summary(session.id)).totals)
    }
    const none = {
      total_foh: null,
      total_boh: null,
      total_delivered: null,
      total_on_order: null,
      total_inventory: null,
      total_par: 162,
      total_order: null,
    }
    expect(seen).toEqual([
      none,
      { ...none, total_foh: 27 },
      { ...none, total_foh: 27, total_boh: 69 },
      { ...none, total_foh: 27, total_boh: 69, total_delivered: 23, total_inventory: 114 },
    ])
    expect(await lineOf('Oat')).toMatchObject({ delivered: 6, total: 29, on_order: null })
  })
})
