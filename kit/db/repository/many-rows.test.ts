import { describe, expect, test } from 'bun:test'
import { eachDialect } from '#kit/testing'
import { codeOf } from '../fixture/people.ts'
import { withRecorded } from '../fixture/recorded.ts'
import { Author, Award, Book, Fine, Loan, Review } from '../fixture/recorded-models.ts'
import type { BoundRepositories } from '../types.ts'

eachDialect('many rows at once', (dialect) => {
  const { as, clock, everyone, idOf, system } = withRecorded(dialect)
  const later = '2026-03-08T09:30:01.000Z'

  const create = (who: string, codes: readonly string[]) =>
    as(who, async (db) => {
      const ids: number[] = []
      for (const code of codes) ids.push((await db(Book).create({ code })).id)
      return ids
    }).then(({ result }) => result)
  const all = async () => (await everyone((db) => db(Book).list({ sort: 'id' }))).result.rows

  describe('changeMany', () => {
    test('changes the rows it reaches, counts and records those that differ', async () => {
      const [a = 0, b = 0, c = 0] = await create('ann', ['a', 'b', 'c'])
      await create('ben', ['d'])
      await as('ann', (db) => db(Book).change(a, { rank: 7 }))
      await as('ann', (db) => db(Book).remove(c))
      clock.nowMs += 1000
      const { result, drafts } = await as('ann', (db) => db(Book).changeMany({}, { rank: 7 }))
      expect(result).toBe(1)
      expect(drafts).toMatchObject([
        {
          action: 'change',
          rowId: String(b),
          before: { rank: 0 },
          after: { rank: 7, updated_at: later },
        },
      ])
      expect((await all()).map(({ rank }) => rank)).toEqual([7, 7, 0, 0])
    })

    test('goes by its conditions, even where it changes what they are on', async () => {
      const ids = await create(
        'ann',
        Array.from({ length: 1100 }, (_, index) => `c${index}`),
      )
      const { result, drafts } = await as('ann', (db) =>
        db(Book).changeMany({ rank: { lt: 1 }, id: { ne: ids[3] ?? 0 } }, { rank: 1 }),
      )
      expect(result).toBe(1099)
      expect(drafts).toHaveLength(1099)
      const rows = await everyone((db) => db(Book).count({ rank: 1 }))
      expect(rows.result).toBe(1099)
    }, 20_000)

    test('of untracked fields alone leaves no entries and no new times', async () => {
      const [id = 0] = await create('ann', ['a'])
      const [before] = await all()
      clock.nowMs += 1000
      const { result, drafts } = await as('ann', (db) => db(Book).changeMany({ id }, { views: 4 }))
      expect([result, drafts]).toEqual([1, []])
      expect(await all()).toEqual([{ ...before, views: 4 }] as never)
    })

    test('refuses another owner, a bad value, and a condition that has no value', async () => {
      const [id = 0] = await create('ann', ['a'])
      const change = (where: object, patch: object) =>
        as('ann', (db) => db(Book).changeMany(where, patch))
      expect(await codeOf(change({ id }, { author_id: idOf('ben') }))).toBe('forbidden')
      expect(await codeOf(change({ id }, { rank: 'high' }))).toBe('invalid')
      await expect(change({ id: undefined }, { rank: 1 })).rejects.toThrow('has no value')
      await expect(change({ id: { in: undefined } }, { rank: 1 })).rejects.toThrow('has no value')
      expect(await codeOf(change({ nonsense: 1 }, { rank: 1 }))).toBe('invalid')
    })

    test('a stale precondition on one of the rows changes none', async () => {
      const [a = 0] = await create('ann', ['a', 'b'])
      const precondition = { table: 'books', id: String(a), tags: ['"other"'] }
      const change = as('ann', (db) => db(Book).changeMany({}, { rank: 1 }), { precondition })
      expect(await codeOf(change)).toBe('stale')
      expect((await all()).map(({ rank }) => rank)).toEqual([0, 0])
    })
  })

  describe('removeMany', () => {
    test('softly: counts those that were there, unknown and repeated ids or not', async () => {
      const [a = 0, b = 0, c = 0] = await create('ann', ['a', 'b', 'c'])
      const [d = 0] = await create('ben', ['d'])
      await as('ann', (db) => db(Book).remove(c))
      const where = { id: { in: [a, a, b, c, d, d + 1] } }
      const { result, drafts } = await as('ann', (db) => db(Book).removeMany(where))
      expect(result).toBe(2)
      expect(drafts.map(({ action, rowId }) => [action, rowId])).toEqual([
        ['remove', String(a)],
        ['remove', String(b)],
      ])
      expect((await all()).map(({ is_active }) => is_active)).toEqual([false, false, false, true])
    })

    test('for good: for everyone and system alone, softly removed ones too', async () => {
      const [a = 0, b = 0] = await create('ann', ['a', 'b', 'c'])
      await as('ann', (db) => db(Book).remove(b))
      const where = { id: { in: [a, b, 999_999] } }
      const removal = (db: BoundRepositories) => db(Book).removeMany(where, { forGood: true })
      await expect(as('ann', removal)).rejects.toThrow('removed softly')
      const before = await all()
      const { result, drafts } = await everyone(removal)
      expect(result).toBe(2)
      expect(drafts.map((draft) => draft.before)).toEqual(before.slice(0, 2))
      expect(await all()).toHaveLength(1)
      expect((await everyone((db) => db(Book).removeMany({ id: { in: [] } }))).result).toBe(0)
    })
  })

  describe('what goes along with a row', () => {
    const library = async () => {
      const [a = 0, b = 0] = await create('ann', ['a', 'b'])
      const { result } = await system(async (db) => {
        const author_id = idOf('ann')
        const review = await db(Review).create({ author_id, book_id: a, other_id: a })
        const other = await db(Review).create({ author_id, book_id: b })
        const loan = await db(Loan).create({ book_id: a })
        const fine = await db(Fine).create({ loan_id: loan.id, cents: 5 })
        return { review, other, loan, fine }
      })
      return { a, b, ...result }
    }

    test('is removed or detached first, and recorded, through what is not audited', async () => {
      const { a, review, other, loan, fine } = await library()
      clock.nowMs += 1000
      const { drafts } = await everyone((db) => db(Book).remove(a, { forGood: true }))
      expect(drafts.map(({ action, model, rowId }) => [action, model, rowId])).toEqual([
        ['change', 'review', review.id],
        ['remove', 'fine', fine.id],
        ['remove', 'book', String(a)],
      ])
      expect(drafts[0]?.before).toMatchObject({ book_id: a, other_id: a })
      expect(drafts[0]?.after).toEqual({ book_id: null, other_id: null, updated_at: later })
      expect(drafts[1]?.before).toEqual(fine)
      const left = await everyone(async (db) => [
        (await db(Review).list({ sort: 'created_at' })).rows.map(({ id }) => id).sort(),
        await db(Loan).find(loan.id),
        await db(Fine).find(fine.id),
      ])
      expect(left.result).toEqual([[review.id, other.id].sort(), undefined, undefined] as never)
    })

    test('rows that refer to one another go in an order that the database takes', async () => {
      const { a, b } = await library()
      await system((db) => db(Award).create({ author_id: idOf('ann'), book_id: a }))
      const kept = everyone((db) => db(Book).remove(a, { forGood: true }))
      expect(await codeOf(kept)).toBe('conflict')
      const { result, drafts } = await system(async (db) => {
        await db(Author).remove(idOf('ann'))
        return db(Book).count()
      })
      expect(result).toBe(0)
      const order = drafts.map(({ model }) => model)
      expect([...order].sort()).toEqual(
        ['award', 'author', 'book', 'book', 'fine', 'review', 'review'].sort(),
      )
      expect(order.at(-1)).toBe('author')
      expect(order.indexOf('award')).toBeLessThan(order.indexOf('book'))
      expect(order.lastIndexOf('review')).toBeLessThan(order.indexOf('book'))
      expect(drafts.filter(({ model }) => model === 'book').map(({ rowId }) => rowId)).toEqual(
        [b, a].map(String),
      )
      expect(drafts.every(({ after }) => after === null)).toBe(true)
    })

    test('of many rows', async () => {
      const { a, b, fine } = await library()
      const removal = await everyone((db) => db(Book).removeMany({}, { forGood: true }))
      expect(removal.result).toBe(2)
      expect(removal.drafts.map(({ model, rowId }) => `${model} ${rowId}`).slice(-3)).toEqual([
        `fine ${fine.id}`,
        `book ${a}`,
        `book ${b}`,
      ])
    })
  })
})
