import { describe, expect, test } from 'bun:test'
import { eachDialect } from '#kit/testing'
import { codeOf } from '../fixture/people.ts'
import { withRecorded } from '../fixture/recorded.ts'
import { Author, Book, Review } from '../fixture/recorded-models.ts'

eachDialect('put', (dialect) => {
  const { as, clock, everyone, idOf, system } = withRecorded(dialect)
  const start = '2026-03-08T09:30:00.000Z'
  const later = '2026-03-08T09:30:01.000Z'

  test('creates the row, then changes it, then leaves it as it is', async () => {
    const put = (input: object) => as('ann', (db) => db(Book).put({ code: 'A' }, input))
    const created = await put({ rank: 1, tags: { a: 1, b: 2 } })
    expect(created.result).toMatchObject({ code: 'A', rank: 1, author_id: idOf('ann'), views: 0 })
    expect(created.drafts).toMatchObject([
      { action: 'create', rowId: String(created.result.id), before: null },
    ])
    expect(created.drafts[0]?.after).toEqual(created.result)
    clock.nowMs += 1000
    const changed = await put({ rank: 2 })
    expect(changed.result).toEqual({ ...created.result, rank: 2, updated_at: later })
    expect(changed.drafts).toMatchObject([{ action: 'change', rowId: String(created.result.id) }])
    expect(changed.drafts[0]?.before).toEqual({ rank: 1, updated_at: start })
    expect(changed.drafts[0]?.after).toEqual({ rank: 2, updated_at: later })
    clock.nowMs += 1000
    for (const input of [{ rank: 2 }, {}, { tags: { b: 2, a: 1 } }]) {
      const same = await put(input)
      expect(same.result).toEqual(changed.result)
      expect(same.drafts).toEqual([])
    }
    const untracked = await put({ views: 9, rank: 2 })
    expect(untracked.drafts).toEqual([])
    expect(untracked.result).toEqual({ ...changed.result, views: 9 })
    expect((await as('ann', (db) => db(Book).list())).result.rows).toEqual([untracked.result])
  })

  test('by several fields, the owner among them', async () => {
    const { id: book_id } = (await as('ann', (db) => db(Book).create({ code: 'A' }))).result
    const put = (stars: number) =>
      as('ann', (db) => db(Review).put({ author_id: idOf('ann'), book_id }, { stars }))
    const first = await put(1)
    const second = await put(5)
    expect(second.result.id).toBe(first.result.id)
    const { rows } = (await as('ann', (db) => db(Review).list())).result
    expect(rows.map(({ stars }) => stars)).toEqual([5])
  })

  test('by a text without regard to case; by the id', async () => {
    const found = await system((db) => db(Author).put({ name: 'ANN' }, { secret: 'y' }))
    expect(found.result).toMatchObject({ id: idOf('ann'), name: 'ann' })
    expect(found.drafts[0]?.after).toMatchObject({ secret: '(changed)' })
    const byId = await system((db) => db(Author).put({ id: idOf('ann') }, { name: 'anna' }))
    expect(byId.drafts).toMatchObject([
      { action: 'change', before: { name: 'ann' }, after: { name: 'anna' } },
    ])
  })

  test('costs one journey to a server', async () => {
    const put = (rank: number) => as('ann', (db) => db(Book).put({ code: 'A' }, { rank }))
    const perWrite = dialect.name === 'postgres' ? 1 : 2
    expect((await put(1)).statements).toBe(perWrite)
    expect((await put(2)).statements).toBe(perWrite)
  })

  describe('never touches', () => {
    test('a row of another, nor one that was removed', async () => {
      const theirs = await as('ben', (db) => db(Book).create({ code: 'B' }))
      const own = await as('ann', (db) => db(Book).create({ code: 'A' }))
      await as('ann', (db) => db(Book).remove(own.result.id))
      const before = (await everyone((db) => db(Book).list({ sort: 'id' }))).result.rows
      for (const code of ['A', 'B'])
        for (const input of [{ rank: 9 }, {}]) {
          const error = await as('ann', (db) => db(Book).put({ code }, input)).catch(
            (cause) => cause,
          )
          expect(error.kind.code).toBe('conflict')
          expect(error.errors).toEqual([{ path: 'code', code: 'taken', message: 'Is taken.' }])
        }
      expect((await everyone((db) => db(Book).list({ sort: 'id' }))).result.rows).toEqual(before)
      expect(before.map(({ id }) => id)).toContain(theirs.result.id)
    })

    test('a row that If-Match names otherwise', async () => {
      const { id } = (await as('ann', (db) => db(Book).create({ code: 'A' }))).result
      const put = (tag: string) =>
        as('ann', (db) => db(Book).put({ code: 'A' }, { rank: 3 }), {
          precondition: { table: 'books', id: String(id), tags: [tag] },
        })
      expect(await codeOf(put('"other"'))).toBe('stale')
      expect(await codeOf(put('*'))).toBe('done')
    })
  })

  test('another unique index is still a conflict', async () => {
    await as('ann', (db) => db(Book).create({ code: 'A' }))
    const { id } = (await as('ann', (db) => db(Book).create({ code: 'B' }))).result
    const put = system((db) => db(Book).put({ id }, { code: 'A', author_id: idOf('ann') }))
    expect(await codeOf(put)).toBe('conflict')
  })

  test('refuses what is no key, or has no value, and a row that is not whole', async () => {
    const put = (key: object, input: object) =>
      system((db) => db(Book).put(key, input as never)).catch((cause) => cause)
    const author_id = idOf('ann')
    expect(await put({ rank: 1 }, { code: 'A', author_id })).toBeInstanceOf(TypeError)
    expect(await put({}, { code: 'A', author_id })).toBeInstanceOf(TypeError)
    expect((await put({ code: 'A' }, {})).errors).toMatchObject([{ path: 'author_id' }])
    expect((await put({ code: 5 }, { author_id })).errors).toMatchObject([{ path: 'code' }])
    const review = system((db) => db(Review).put({ author_id, book_id: null }, {})).catch(
      (cause) => cause,
    )
    expect((await review).errors).toMatchObject([{ path: 'book_id', code: 'required' }])
  })
})
