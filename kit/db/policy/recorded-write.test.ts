import { beforeEach, describe, expect, test } from 'bun:test'
import { eachDialect } from '#kit/testing'
import { withRecorded } from '../fixture/recorded.ts'
import { Author, Book, Fine, Loan, Review, recordedModels } from '../fixture/recorded-models.ts'
import type { BoundRepositories } from '../types.ts'

eachDialect('what hand-written queries record', (dialect) => {
  const { as, clock, idOf, system } = withRecorded(dialect)
  const start = '2026-03-08T09:30:00.000Z'
  const query = (db: BoundRepositories) => db.query(...recordedModels)
  let a: number
  let b: number

  beforeEach(async () => {
    const create = (who: string, code: string) =>
      as(who, (db) => db(Book).create({ code })).then(({ result }) => result.id)
    a = await create('ann', 'a')
    b = await create('ann', 'b')
    await create('ben', 'c')
  })

  test('an update: each row it changes, with what changes of it', async () => {
    await as('ann', (db) => db(Book).change(b, { rank: 5 }))
    const { result, drafts } = await as('ann', (db) =>
      query(db)
        .updateTable('books as b')
        .set((eb) => ({ rank: eb('rank', '+', 1), code: 'a' }))
        .where('b.rank', '<', 5)
        .executeTakeFirst(),
    )
    expect(result.numUpdatedRows).toBe(1n)
    expect(drafts).toMatchObject([
      { action: 'change', model: 'book', rowId: String(a), actorId: idOf('ann') },
    ])
    expect(drafts[0]?.before).toEqual({ rank: 0 })
    expect(drafts[0]?.after).toEqual({ rank: 1 })
  })

  test('an update that answers rows; what it does not change leaves no entry', async () => {
    const { result, drafts } = await as('ann', (db) =>
      query(db)
        .updateTable('books')
        .set({ rank: 1, views: 3 })
        .returning(['rank', 'is_active'])
        .execute(),
    )
    expect(result).toHaveLength(2)
    expect(result[0]).toEqual({ rank: 1, is_active: true })
    expect(drafts).toHaveLength(2)
    const again = await as('ann', (db) =>
      query(db).updateTable('books').set({ rank: 1, views: 4 }).execute(),
    )
    expect(again.drafts).toEqual([])
  })

  test('an update whose condition reads other rows, in sub-queries and expressions before it', async () => {
    await as('ann', (db) => db(Review).create({ book_id: b }))
    const { drafts } = await as('ann', (db) =>
      query(db)
        .with('reviewed', (with_) => with_.selectFrom('reviews').select('book_id'))
        .updateTable('books')
        .set({ rank: 2 })
        .where('id', 'in', (eb) => eb.selectFrom('reviewed').select('reviewed.book_id'))
        .execute(),
    )
    expect(drafts.map(({ rowId }) => rowId)).toEqual([String(b)])
  })

  test('an update of secrets', async () => {
    const { drafts } = await system((db) =>
      query(db).updateTable('authors').set({ secret: 'new' }).where('name', '=', 'ann').execute(),
    )
    expect(drafts).toMatchObject([
      { before: { secret: '(changed)' }, after: { secret: '(changed)' } },
    ])
  })

  test('a delete: the whole rows', async () => {
    const created = await as('ann', (db) => db(Review).create({ book_id: a, stars: 4 }))
    await as('ben', (db) => db(Review).create({}))
    const { result, drafts } = await as('ann', (db) =>
      query(db).deleteFrom('reviews').returning('stars').execute(),
    )
    expect(result.map(({ stars }) => stars)).toEqual([4])
    expect(drafts).toMatchObject([
      { action: 'remove', model: 'review', before: created.result, after: null },
    ])
  })

  test('a delete: what goes along with the rows, even where its condition speaks of that', async () => {
    clock.nowMs += 1000
    const { result: fine } = await system(async (db) => {
      await db(Review).create({ author_id: idOf('ann'), book_id: a })
      const loan = await db(Loan).create({ book_id: a })
      return db(Fine).create({ loan_id: loan.id, cents: 1 })
    })
    const { result, drafts } = await system((db) =>
      query(db)
        .deleteFrom('books')
        .where('id', 'in', (eb) => eb.selectFrom('loans').select('loans.book_id'))
        .executeTakeFirst(),
    )
    expect(result.numDeletedRows).toBe(1n)
    expect(drafts.map(({ action, model }) => `${action} ${model}`)).toEqual([
      'change review',
      'remove fine',
      'remove book',
    ])
    expect(drafts[1]?.before).toEqual(fine)
    expect(drafts[2]?.before).toMatchObject({ id: a, created_at: start })
  })

  test('a delete in a model that is not audited: what goes along and is', async () => {
    const { drafts } = await system(async (db) => {
      const loan = await db(Loan).create({ book_id: a })
      await db(Fine).create({ loan_id: loan.id, cents: 1 })
      await query(db).deleteFrom('loans').execute()
    })
    expect(drafts.map(({ action, model }) => `${action} ${model}`)).toEqual([
      'create fine',
      'remove fine',
    ])
  })

  test('no rows: nothing', async () => {
    const { result, drafts } = await as('ann', (db) =>
      query(db).updateTable('books').set({ rank: 1 }).where('id', '=', -1).executeTakeFirst(),
    )
    expect([result.numUpdatedRows, drafts]).toEqual([0n, []])
  })

  describe('refuses', () => {
    type Attempt = (of: ReturnType<typeof query>) => { execute(): Promise<unknown> }
    const refused: Record<string, [Attempt, string]> = {
      'an update from another table': [
        (of) =>
          of
            .updateTable('books')
            .from('reviews')
            .set({ rank: 1 })
            .whereRef('reviews.book_id', '=', 'books.id'),
        'from is not recorded',
      ],
      'a delete using another table': [
        (of) =>
          of.deleteFrom('reviews').using('books').whereRef('reviews.book_id', '=', 'books.id'),
        'using is not recorded',
      ],
      'a write inside of another statement': [
        (of) =>
          of
            .with('gone', (with_) => with_.deleteFrom('reviews').returning('reviews.id'))
            .selectFrom('gone')
            .selectAll(),
        'a statement of its own',
      ],
      'an update of an id': [(of) => of.updateTable('books').set({ id: 5 }), 'id'],
    }
    for (const [name, [attempt, said]] of Object.entries(refused))
      test(name, async () => {
        const run = system((db) => attempt(query(db)).execute())
        await expect(run).rejects.toThrow(said)
      })
  })

  test('what is not audited may be written in any way', async () => {
    const { drafts } = await system(async (db) => {
      await db(Loan).create({ book_id: a })
      const of = db.query(Book, Loan, Author)
      await of
        .updateTable('loans')
        .from('books')
        .set({ book_id: b })
        .whereRef('books.id', '=', 'loans.book_id')
        .execute()
    })
    expect(drafts).toEqual([])
  })
})
