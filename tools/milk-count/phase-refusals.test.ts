import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { eachDialect } from '#kit/testing'
import { api, noId, openShop, type Session, type Shop } from './fixture/shop.ts'

const path = `${api}/sessions`

eachDialect('phases of milk-count that are refused', (dialect) => {
  let shop: Shop
  let day = 0
  let session: Session

  /** A session of a day of its own. */
  const begin = async () => {
    day += 1
    shop.at(`2026-02-${String(day).padStart(2, '0')}T21:00-08:00`)
    session = (await shop.start('staff-ana')).body.session
  }
  const change = async (name: string, body: object) =>
    shop.send('admin', `PUT ${api}/admin/milk-types/${await shop.milk(name)}`, body)

  beforeAll(async () => {
    shop = await openShop(dialect, { milks: 'table' })
  })
  afterAll(() => shop.close())

  describe('M4: what is refused', () => {
    beforeAll(begin)

    test('a type that lacks, one unknown, one twice: three faults, nothing saved', async () => {
      const { entries } = await shop.whole(session.id)
      const [first, second, ...rest] = entries.map(({ milk_type_id }) => milk_type_id)
      const ids = [first, ...rest, first, noId]
      const body = { counts: ids.map((milk_type_id) => ({ milk_type_id, foh_count: 3 })) }
      const refused = await shop.ask('staff-ana', `PUT ${path}/${session.id}/night-foh`, body)
      expect(refused.status).toBe(400)
      expect(refused.body.errors.map(({ path: at, code }) => [at, code])).toEqual([
        ['counts.4.milk_type_id', 'duplicate_type'],
        ['counts.5.milk_type_id', 'unknown_type'],
        ['counts', 'missing_type'],
      ])
      expect(refused.body.detail).toContain(second ?? '')
      const after = await shop.whole(session.id)
      expect(after.session.status).toBe('night_foh')
      expect(after.entries).toEqual(entries)
    })

    for (const value of [true, '5', -1, 10_000, 5.5, null])
      test(`${JSON.stringify(value)} is no count`, async () => {
        const saved = await shop.save('staff-ana', session.id, 'night-foh', () => value as number)
        expect([saved.status, saved.body.errors.length]).toEqual([400, 5])
        expect(saved.body.errors[0]?.path).toBe('counts.0.foh_count')
      })

    test('a phase that is not due; one that was saved, with and without correction', async () => {
      const early = await shop.save('staff-ana', session.id, 'night-boh', 1)
      expect([early.status, early.body.phase]).toEqual([409, 'night_foh'])
      const hasty = await shop.save('staff-ana', session.id, 'morning', 1, { correction: true })
      expect([hasty.status, hasty.body.phase]).toEqual([409, 'night_foh'])
      expect((await shop.save('staff-ana', session.id, 'night-foh', 1)).status).toBe(200)
      expect((await shop.save('staff-ben', session.id, 'night-foh', 2)).status).toBe(409)
      const more = { correction: true }
      expect((await shop.save('staff-ben', session.id, 'night-foh', 2, more)).status).toBe(200)
    })

    test('each method takes only its own value', async () => {
      await shop.save('staff-ana', session.id, 'night-boh', 1)
      const both = await shop.save('staff-ana', session.id, 'morning', () => ({
        method: 'boh_count',
        current_boh: 1,
        delivered: 1,
      }))
      expect([both.status, both.body.errors[0]]).toMatchObject([
        400,
        { path: 'counts.0.delivered', code: 'unknown' },
      ])
      const neither = await shop.save('staff-ana', session.id, 'morning', () => ({
        method: 'guessed',
      }))
      expect([neither.status, neither.body.errors[0]?.path]).toEqual([400, 'counts.0.method'])
      const wrong = await shop.save('staff-ana', session.id, 'morning', () => ({
        method: 'direct_delivered',
      }))
      expect([wrong.status, wrong.body.errors[0]]).toMatchObject([
        400,
        { path: 'counts.0.delivered', code: 'required' },
      ])
    })
  })

  describe('M5', () => {
    beforeAll(begin)
    afterAll(async () => {
      const all = await shop.send<{ id: string; name: string }[]>(
        'admin',
        `GET ${api}/admin/milk-types?include_inactive=true`,
      )
      const id = all.find(({ name }) => name === 'Soy')?.id
      await shop.send('admin', `PUT ${api}/admin/milk-types/${id}`, { active: true })
    })

    test('Soy, switched off between FOH and BOH: BOH still needs it, the next session does not', async () => {
      await shop.save('staff-ana', session.id, 'night-foh', 1)
      const soy = await shop.milk('Soy')
      await change('Soy', { active: false })
      const { entries } = await shop.whole(session.id)
      expect(entries.map(({ milk_type_name }) => milk_type_name).at(-1)).toBe('Soy')
      const without = entries.filter(({ milk_type_id }) => milk_type_id !== soy)
      const body = {
        counts: without.map(({ milk_type_id }) => ({ milk_type_id, boh_count: 1 })),
      }
      const refused = await shop.ask('staff-ana', `PUT ${path}/${session.id}/night-boh`, body)
      expect([refused.status, refused.body.errors[0]?.code]).toEqual([400, 'missing_type'])
      expect((await shop.save('staff-ana', session.id, 'night-boh', 1)).status).toBe(200)
      await begin()
      const names = (await shop.whole(session.id)).entries.map((entry) => entry.milk_type_name)
      expect(names).toEqual(['Whole', 'Reduced Fat 2%', 'Oat', 'Almond'])
    })
  })
})
