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
  const { write, undo, entryOf, entries, state, everyone, clear, database, clock } =
    withLibrary(dialect)

  const newAuthor = async (name = 'Ada') => (await write((db) => db(Author).create({ name }))).value
  const newBook = async (author_id: number, more: object = {}) =>
    (await write((db) => db(Book).create({ title: 'Notes', author_id, ...more }))).value
  const newShelf = async () => (await write((db) => db(Shelf).create({ place: 'A1' }))).value

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

  describe('is refused, and nothing is changed,', () => {
    const refused = async (target: Parameters<typeof undo>[0], reason: string | RegExp) => {
      const before = await state()
      expect(await outcomeOf(undo(target))).toMatch(reason)
      expect(await state()).toEqual(before)
    }

    test('where there is no such entry or request', async () => {
      await refused({ entryId: root.id ?? '' }, /^not_found: Audit entry not found/)
      await refused({ unitOf: root.id ?? '' }, /^not_found/)
      await refused({ entryId: 'none' }, /^not_found: Audit entry not found/)
      await refused({ requestId: '\0' }, /^not_found/)
      await refused({ requestId: 'none' }, /^not_found: No entry has the request id "none"/)
    })

    test('where it was done already: says by which entry', async () => {
      const entryId = await entryOf((db) => db(Author).create({ name: 'Ada' }))
      const { request } = await undo({ entryId })
      const [by] = await entries(request)
      await refused(
        { entryId },
        new RegExp(`^conflict: Entry ${entryId} .*already, by entry ${by?.id}`),
      )
    })

    test('where a later write stands in the way: says who, when and which', async () => {
      const { id } = await newAuthor()
      const first = await entryOf((db) => db(Author).change(id, { name: 'Bob' }))
      const second = await entryOf((db) => db(Author).change(id, { name: 'Eve' }))
      const at = new Date(clock.nowMs).toISOString()
      await refused(
        { entryId: first },
        new RegExp(`^conflict: .* entry ${second} \\(change, ${at}, actor ${root.id}\\)`),
      )
    })

    test('where another field was changed later', async () => {
      const { id } = await newBook((await newAuthor()).id)
      const entryId = await entryOf((db) => db(Book).change(id, { pages: 5 }))
      await write((db) => db(Book).change(id, { weight: 2 }))
      await refused({ entryId }, /^conflict: .*later write/)
    })

    test('where somebody went past the trail', async () => {
      const { id } = await newAuthor()
      const entryId = await entryOf((db) => db(Author).change(id, { name: 'Bob' }))
      await clear()
      await refused({ entryId }, /^conflict: .*no entry says why/)
    })

    test('where a row that refers to it came since', async () => {
      let id = 0
      const entryId = await entryOf(async (db) => {
        id = (await db(Author).create({ name: 'Ada' })).id
      })
      const book = await newBook(id)
      await refused({ entryId }, new RegExp(`^conflict: .*book ${book.id} refers to the row`))
    })

    test('where a row that it refers to is gone', async () => {
      const { id: author_id } = await newAuthor()
      const shelf = await newShelf()
      const { id } = await newBook(author_id, { shelf_id: shelf.id })
      const moved = await entryOf((db) => db(Book).change(id, { shelf_id: null }))
      await write((db) => db(Shelf).remove(shelf.id))
      await refused({ entryId: moved }, new RegExp(`^conflict: .*referred to shelf ${shelf.id}`))
      const removed = await entryOf((db) => db(Book).remove(id))
      await write((db) => db(Author).remove(author_id, { forGood: true }))
      await refused({ entryId: removed }, new RegExp(`^conflict: .*to author ${author_id}`))
    })

    test('where a unique value was taken since', async () => {
      const { id } = await newAuthor('Ada')
      const renamed = await entryOf((db) => db(Author).change(id, { name: 'Bob' }))
      const twin = await newAuthor('ADA')
      await refused(
        { entryId: renamed },
        new RegExp(`^conflict: .*author ${twin.id} has the same name`),
      )
      const removed = await entryOf((db) => db(Author).remove(twin.id, { forGood: true }))
      await write((db) => db(Author).change(id, { name: 'ada' }))
      await refused({ entryId: removed }, new RegExp(`^conflict: .*author ${id} has the same name`))
    })

    test('where a secret would be needed; not where there was none', async () => {
      const { id } = await newAuthor()
      const given = await entryOf((db) => db(Author).change(id, { pin_hash: 'a' }))
      const changed = await entryOf((db) => db(Author).change(id, { pin_hash: 'b' }))
      await refused({ entryId: changed }, /^conflict: .*"pin_hash" is secret/)
      const removed = await entryOf((db) => db(Author).remove(id, { forGood: true }))
      await refused({ entryId: removed }, /^conflict: .*"pin_hash" is secret/)
      const other = await newAuthor('Bob')
      const first = await entryOf((db) => db(Author).change(other.id, { pin_hash: 'a' }))
      await undo({ entryId: first })
      expect(await everyone()(Author).get(other.id)).toMatchObject({ pin_hash: null })
      expect(given).not.toBe('')
    })

    test('where only one part of the unit cannot be undone', async () => {
      const { id } = await newAuthor()
      const { request } = await write(async (db) => {
        await db(Author).change(id, { name: 'Bob' })
        await db(Shelf).create({ place: 'A1' })
      })
      await write((db) => db(Author).change(id, { name: 'Eve' }))
      await refused({ requestId: request }, /^conflict: .*later write/)
    })
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
