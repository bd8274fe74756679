import { beforeEach, describe, expect, test } from 'bun:test'
import { eachDialect } from '#kit/testing'
import { Note } from '../fixture/models.ts'
import { codeOf, startMs, withPeople } from '../fixture/people.ts'

eachDialect('repository', (dialect) => {
  const { clock, idOf, reading, system } = withPeople(dialect)

  describe('list', () => {
    const noteAt = (who: string, index: number) => ({
      person_id: idOf(who),
      title: `T${index % 3}`,
      is_done: index % 2 === 0,
      rank: index % 3 === 0 ? null : index,
    })

    beforeEach(async () => {
      for (let index = 0; index < 7; index += 1) {
        clock.nowMs = startMs + Math.floor(index / 2)
        await system((db) => db(Note).create(noteAt('ada', index)))
        await system((db) => db(Note).create(noteAt('bob', index)))
      }
    })

    const walk = async (options: object) => {
      const seen: { id: number; title: string; rank: number | null }[] = []
      let cursor: string | undefined
      do {
        const page = await reading('ada')(Note).list({ ...options, limit: 2, cursor })
        seen.push(...page.rows)
        cursor = page.next
      } while (cursor)
      return seen
    }

    test('newest first, every row once over all pages', async () => {
      const ids = (await walk({})).map(({ id }) => id)
      expect(ids).toEqual([...ids].sort((a, b) => b - a))
      expect(new Set(ids).size).toBe(7)
    })

    for (const sort of ['title', '-title', 'rank', '-rank', 'id', '-id', '-updated_at'])
      test(`pages by ${sort} hold what one page holds`, async () => {
        const whole = await reading('ada')(Note).list({ sort: sort as never, limit: 100 })
        expect((await walk({ sort })).map(({ id }) => id)).toEqual(whole.rows.map(({ id }) => id))
      })

    test('nulls come first going up and last going down', async () => {
      const ranks = async (sort: 'rank' | '-rank') =>
        (await reading('ada')(Note).list({ sort })).rows.map(({ rank }) => rank)
      expect(await ranks('rank')).toEqual([null, null, null, 1, 2, 4, 5])
      expect(await ranks('-rank')).toEqual([5, 4, 2, 1, null, null, null])
    })

    test('filters, searches and counts', async () => {
      const count = async (options: object) =>
        (await reading('ada')(Note).list({ ...options, count: true })).total
      expect(await count({})).toBe(7)
      expect(await count({ where: { is_done: true } })).toBe(4)
      expect(await count({ where: { rank: null } })).toBe(3)
      expect(await count({ where: { rank: { ne: null } } })).toBe(4)
      expect(await count({ where: { rank: { gt: 1, lte: 4 } } })).toBe(2)
      expect(await count({ where: { title: { in: ['T0', 'T2'] } } })).toBe(5)
      expect(await count({ where: { title: { in: [] } } })).toBe(0)
      expect(await count({ search: 't1' })).toBe(2)
      expect(await count({ search: '%' })).toBe(0)
      expect(await count({ where: { created_at: { gte: '2026-03-08T09:30:00.003Z' } } })).toBe(1)
    })

    const refusals: Record<string, object> = {
      'a limit of nothing': { limit: 0 },
      'a limit over the most': { limit: 101 },
      'half a row': { limit: 1.5 },
      'an unknown sort': { sort: 'nonsense' },
      'an unknown field': { where: { nonsense: 1 } },
      'a cursor that is none': { cursor: 'abc' },
      'a cursor of another sort': { cursor: Buffer.from('["title","T0",1]').toString('base64url') },
      'a cursor with another kind of value': {
        cursor: Buffer.from('["-created_at",5,1]').toString('base64url'),
      },
      'a cursor with null where there is none': {
        cursor: Buffer.from('["-created_at",null,1]').toString('base64url'),
      },
    }
    for (const [name, options] of Object.entries(refusals))
      test(`refuses ${name}`, async () => {
        expect(await codeOf(reading('ada')(Note).list(options))).toBe('invalid')
      })
  })
})
