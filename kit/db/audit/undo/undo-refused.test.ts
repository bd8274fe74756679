import { describe, expect, test } from 'bun:test'
import { eachDialect } from '#kit/testing'
import { AuditEntry } from '../audit-models.ts'
import { Author, Book, outcomeOf, root, Shelf, withLibrary } from './fixture/library.ts'

eachDialect('undoing', (dialect) => {
  const library = withLibrary(dialect)
  const { write, undo, entryOf, entries, state, everyone, clear, clock } = library
  const { newAuthor, newBook, newShelf } = library

  /** An entry as another version of the app may have left it. */
  const addEntry = async (more: {
    model: string
    row_id?: string
    seq: number
    unit_seq: number
  }) => {
    const at = { created_at: new Date(clock.nowMs).toISOString() }
    const rest = {
      chain: Bun.randomUUIDv7(),
      operation: 'old',
      action: 'create',
      hash: '',
    } as const
    const entry = { row_id: '1', after: '{}', ...at, ...rest, ...more }
    return (await write((db) => db(AuditEntry).create(entry))).value.id
  }

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

    test('where the trail tells of a model that is no more, or of half a unit', async () => {
      const ghost = await addEntry({ model: 'ghost', seq: 1, unit_seq: 1 })
      await refused({ entryId: ghost }, /^conflict: .*no model "ghost" any more/)
      const rest = await addEntry({ model: 'author', seq: 3, unit_seq: 2 })
      await refused({ unitOf: rest }, /^conflict: The older entries .* no longer in the trail/)
      const odd = await addEntry({ model: 'author', row_id: 'one', seq: 4, unit_seq: 4 })
      await refused({ entryId: odd }, /^conflict: .*cannot have the id "one"/)
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
})
