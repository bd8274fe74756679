import { describe, expect, test } from 'bun:test'
import { eachDialect } from '#kit/testing'
import { unitsOfRequest } from './find-range.ts'
import {
  Author,
  Book,
  Copy,
  outcomeOf,
  root,
  Shelf,
  Visit,
  withLibrary,
} from './fixture/library.ts'

eachDialect('undoing', (dialect) => {
  const library = withLibrary(dialect)
  const { write, undo, entryOf, entries, state, everyone, database } = library
  const { newAuthor, newBook, newShelf } = library

  describe('one entry', () => {
    test('a creation: the row is gone, and an entry says what it undoes', async () => {
      const before = await state()
      const entryId = await entryOf((db) => db(Author).create({ name: 'Ada' }))
      const { value, request } = await undo({ entryId })
      expect(value).toEqual({
        count: 1,
        entries: [expect.objectContaining({ id: entryId, action: 'create', model: 'author' })],
      })
      expect(await state()).toEqual(before)
      expect(await entries(request)).toMatchObject([
        { action: 'remove', model: 'author', undoes: entryId },
      ])
    })

    test('a change: all its fields are as they were, the time of the last change too', async () => {
      const { id } = await newBook((await newAuthor()).id, { extra: { a: [1, { b: null }] } })
      const before = await state()
      const entryId = await entryOf((db) =>
        db(Book).change(id, { title: 'Essays', pages: 12, weight: 0.1, extra: [], level: 'high' }),
      )
      await undo({ entryId })
      expect(await state()).toEqual(before)
    })

    test('a soft removal, and its being undone', async () => {
      const { id } = await newAuthor()
      const before = await state()
      const entryId = await entryOf((db) => db(Author).remove(id))
      const removed = await state()
      const { request } = await undo({ entryId })
      expect(await state()).toEqual(before)
      const [entry] = await entries(request)
      expect(entry).toMatchObject({ action: 'restore', undoes: entryId })
      await undo({ entryId: entry?.id ?? '' })
      expect(await state()).toEqual(removed)
    })

    test('a removal for good: the same id, times and activity', async () => {
      const { id } = await newAuthor()
      await write((db) => db(Author).remove(id))
      const before = await state()
      const entryId = await entryOf((db) => db(Author).remove(id, { forGood: true }))
      await undo({ entryId })
      expect(await state()).toEqual(before)
    })

    test('again and again: undo, redo, undo', async () => {
      const first = await state()
      let entryId = await entryOf((db) => db(Author).create({ name: 'Ada' }))
      const second = await state()
      for (const expected of [first, second, first]) {
        const { request } = await undo({ entryId })
        expect(await state()).toEqual(expected)
        entryId = (await entries(request))[0]?.id ?? ''
      }
    })

    test('what is not tracked may have changed since, and stays', async () => {
      const { id } = await newAuthor()
      const entryId = await entryOf((db) => db(Author).change(id, { name: 'Bob' }))
      const last_seen = '2026-03-09T00:00:00.000Z'
      await write((db) => db(Author).change(id, { last_seen }))
      await undo({ entryId })
      expect(await everyone()(Author).get(id)).toMatchObject({ name: 'Ada', last_seen })
    })

    test('rows that nobody records go with what they refer to', async () => {
      const { id: author_id } = await newAuthor()
      let id = ''
      const entryId = await entryOf(async (db) => {
        id = (await db(Book).create({ title: 'Notes', author_id })).id
      })
      await write((db) => db(Visit).create({ book_id: id }))
      await undo({ entryId })
      expect(await everyone()(Visit).count()).toBe(0)
    })
  })

  describe('a unit of work', () => {
    test('of many writes: as if it had not been', async () => {
      const author = await newAuthor()
      const shelf = await newShelf()
      const book = await newBook(author.id, { shelf_id: shelf.id, code: 'x' })
      await write((db) => db(Copy).create({ book_id: book.id, home_id: shelf.id, number: 1 }))
      const other = await newShelf()
      const before = await state()
      const { request } = await write(async (db) => {
        // The values move on from row to row, so that no order but the reverse one can do.
        await db(Book).change(book.id, { code: null, shelf_id: other.id })
        const second = await db(Book).create({ title: 'Two', author_id: author.id, code: 'x' })
        await db(Book).change(second.id, { code: 'y' })
        await db(Book).change(book.id, { code: 'x' })
        await db(Author).create({ name: 'Eve' })
        await db(Shelf).remove(other.id)
        await db(Author).remove(author.id, { forGood: true })
      })
      expect((await state())['books']).toEqual([])
      const written = await entries(request)
      const { value } = await undo({ unitOf: written[3]?.id ?? '' })
      expect(await state()).toEqual(before)
      expect(value.count).toBe(written.length)
      expect(value.entries.map(({ id }) => id)).toEqual(written.map(({ id }) => id).reverse())
    })

    test('larger than what is held in memory, and back again', async () => {
      const { id: author_id } = await newAuthor()
      const before = await state()
      const { request } = await write(async (db) => {
        for (let count = 0; count < 620; count += 1)
          await db(Book).create({ title: `Book ${count}`, author_id, code: `c${count}` })
      })
      const after = await state()
      const done = await undo({ requestId: request })
      expect(done.value.count).toBe(620)
      expect(done.value.entries).toHaveLength(100)
      expect(await state()).toEqual(before)
      await undo({ requestId: done.request })
      expect(await state()).toEqual(after)
    })

    test('by the id of its request, where that says which', async () => {
      const before = await state()
      await write((db) => db(Shelf).create({ place: 'one' }), 'mine')
      await undo({ requestId: 'mine' })
      expect(await state()).toEqual(before)
      await write((db) => db(Shelf).create({ place: 'two' }), 'mine')
      const refusal = await outcomeOf(undo({ requestId: 'mine' }))
      const units = await unitsOfRequest(everyone(), 'mine')
      expect(units).toMatchObject([1, 1].map((entries) => ({ entries, actorId: root.id })))
      expect(refusal).toStartWith('conflict: Several units of work had the request id "mine"')
      for (const { id } of units) expect(refusal).toContain(id)
    })
  })

  test('two at once: one of them', async () => {
    const { id } = await newAuthor()
    const entryId = await entryOf((db) => db(Author).change(id, { name: 'Bob' }))
    const outcomes = await Promise.all([1, 2, 3].map(() => outcomeOf(undo({ entryId }))))
    expect(outcomes.map((outcome) => outcome.slice(0, 8)).sort()).toEqual([
      'conflict',
      'conflict',
      'done',
    ])
    expect(await everyone()(Author).get(id)).toMatchObject({ name: 'Ada' })
  })

  test('a row that comes back never shares its number with a new one', async () => {
    const { id } = await newAuthor()
    const entryId = await entryOf((db) => db(Author).remove(id, { forGood: true }))
    const { raiseNumbering } = database().dialect
    // As after a restore from a backup that was made while the row was gone.
    if (raiseNumbering !== undefined)
      await database().write('reset', (unit) =>
        unit.execute(`SELECT setval('authors_id_seq', ${id - 1 || 1}, ${id > 1})`),
      )
    else
      await database().write('reset', (unit) =>
        unit.executeChange(`UPDATE sqlite_sequence SET seq = ${id - 1} WHERE name = 'authors'`),
      )
    await undo({ entryId })
    expect((await newAuthor('Bob')).id).toBe(id + 1)
  })
})
