import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { createLog } from '#kit/core'
import { createTables } from '#kit/migrate'
import { anonymous } from '#kit/model'
import { eachDialect } from '#kit/testing'
import type { AuditDraft } from '../audit/audit-draft.ts'
import { bindSystem } from '../bind.ts'
import { emptyTables, runRecorded } from '../fixture/recorded.ts'
import { Author, Book, Review, recordedModels } from '../fixture/recorded-models.ts'
import { openDatabase } from '../open-database.ts'
import type { BoundRepositories, Database } from '../types.ts'

/** Work that goes on at the same time, on two handles to one database as two processes would have them. */
eachDialect('writes at the same time', (dialect) => {
  const databases: Database[] = []
  let authorId: string
  let turn = 0
  const nowMs = () => {
    turn += 1
    return Date.parse('2026-03-08T09:30:00.000Z') + turn
  }

  beforeAll(async () => {
    const { config } = await dialect.create()
    const options = { log: createLog('silent'), models: recordedModels }
    databases.push(await openDatabase(config, options), await openDatabase(config, options))
    await createTables(databases[0] as Database, recordedModels)
  })
  beforeEach(async () => {
    await emptyTables(databases[0] as Database)
    authorId = (await run(0, (db) => db(Author).create({ name: 'ann' }))).result.id
  })
  afterAll(async () => {
    for (const database of databases) await database.close()
  })

  const run = <T>(index: number, work: (db: BoundRepositories) => Promise<T>) =>
    runRecorded(databases[index % 2] as Database, {
      bind: bindSystem,
      binding: { actor: anonymous, nowMs },
      work,
    })
  const atOnce = async <T>(count: number, work: (db: BoundRepositories, i: number) => Promise<T>) =>
    Promise.all(Array.from({ length: count }, (_, index) => run(index, (db) => work(db, index))))
  const book = async () =>
    (await run(0, (db) => db(Book).create({ author_id: authorId, code: 'A', rank: -1 }))).result
  const draftsOf = (units: readonly { drafts: readonly AuditDraft[] }[]) =>
    units.flatMap(({ drafts }) => drafts)

  /** Each change must begin where another ended, from the first value to the last. */
  function expectChain(drafts: readonly AuditDraft[], field: string, ends: [unknown, unknown]) {
    const next = new Map(drafts.map(({ before, after }) => [before?.[field], after?.[field]]))
    expect(next.size).toBe(drafts.length)
    let [value] = ends
    for (let step = 0; step < drafts.length; step += 1) {
      expect(next.has(value)).toBe(true)
      value = next.get(value)
    }
    expect(value).toBe(ends[1])
  }

  test('changes by patches: what each found is what another left', async () => {
    const { id } = await book()
    const drafts = draftsOf(await atOnce(24, (db, rank) => db(Book).change(id, { rank })))
    expect(drafts).toHaveLength(24)
    const { result } = await run(0, (db) => db(Book).get(id))
    expectChain(drafts, 'rank', [-1, result.rank])
  }, 30_000)

  test('changes by rules, of many rows and by queries: none is lost', async () => {
    const { id } = await book()
    const ways = [
      (db: BoundRepositories) => db(Book).change(id, ({ rank }) => ({ rank: rank + 1 })),
      async (db: BoundRepositories) => {
        const { rank } = await db(Book).get(id)
        return db(Book).changeMany({ id }, { rank: rank + 1 })
      },
      (db: BoundRepositories) =>
        db
          .query(Book)
          .updateTable('books')
          .set((eb) => ({ rank: eb('rank', '+', 1) }))
          .where('id', '=', id)
          .execute(),
    ]
    const units = await atOnce(18, (db, index) => ways[index % 3]?.(db) as Promise<unknown>)
    expect((await run(0, (db) => db(Book).get(id))).result.rank).toBe(17)
    expectChain(draftsOf(units), 'rank', [-1, 17])
  }, 30_000)

  test('puts of one key: one creates the row, the others change it', async () => {
    const put = (db: BoundRepositories, rank: number) =>
      db(Book).put({ code: 'A' }, { author_id: authorId, rank })
    const units = await atOnce(24, put)
    const { rows } = (await run(0, (db) => db(Book).list())).result
    expect(rows).toHaveLength(1)
    expect(new Set(units.map(({ result }) => result.id)).size).toBe(1)
    const drafts = draftsOf(units)
    const created = drafts.filter(({ action }) => action === 'create')
    expect(created).toHaveLength(1)
    const changes = drafts.filter(({ action }) => action === 'change')
    expect(changes).toHaveLength(23)
    expectChain(changes, 'rank', [created[0]?.after?.['rank'], rows[0]?.rank])
  }, 30_000)

  test('removals of the same rows: each is removed by one', async () => {
    const ids = (
      await run(0, async (db) => {
        const made: number[] = []
        for (let index = 0; index < 20; index += 1)
          made.push((await db(Book).create({ author_id: authorId, code: `${index}` })).id)
        return made
      })
    ).result
    const units = await atOnce(8, (db, index) =>
      db(Book).removeMany({ id: { in: ids.slice(index) } }, { forGood: index % 4 === 0 }),
    )
    const removed = draftsOf(units).filter(({ after }) => after === null)
    expect(new Set(removed.map(({ rowId }) => rowId)).size).toBe(removed.length)
    expect(removed).toHaveLength(20)
    const counted = units.reduce((sum, { result }) => sum + result, 0)
    expect(counted).toBe(draftsOf(units).length)
    expect((await run(0, (db) => db(Book).count())).result).toBe(0)
  }, 30_000)

  test('a row that is added while the one it refers to is removed is not left unrecorded', async () => {
    const { id: book_id } = await book()
    const outcomes = await Promise.allSettled([
      run(0, (db) => db(Book).remove(book_id, { forGood: true })),
      ...Array.from({ length: 6 }, (_, index) =>
        run(index + 1, (db) => db(Review).create({ author_id: authorId, book_id })),
      ),
    ])
    const drafts = draftsOf(
      outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])),
    )
    const made = drafts.filter(({ action }) => action === 'create').map(({ rowId }) => rowId)
    const detached = drafts.filter(({ action }) => action === 'change').map(({ rowId }) => rowId)
    expect(detached.sort()).toEqual(made.sort())
    const { rows } = (await run(0, (db) => db(Review).list())).result
    expect(rows.map((row) => row.book_id)).toEqual(rows.map(() => null))
    expect(rows).toHaveLength(made.length)
  }, 30_000)
})
