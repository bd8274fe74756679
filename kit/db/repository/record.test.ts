import { describe, expect, test } from 'bun:test'
import { toWire } from '#kit/model'
import { eachDialect } from '#kit/testing'
import { entityTag } from '../entity-tag.ts'
import { codeOf } from '../fixture/people.ts'
import { withRecorded } from '../fixture/recorded.ts'
import { Author, Book } from '../fixture/recorded-models.ts'

eachDialect('what a repository records', (dialect) => {
  const { as, clock, everyone, idOf, system } = withRecorded(dialect)
  const start = '2026-03-08T09:30:00.000Z'
  const later = '2026-03-08T09:30:01.000Z'
  const book = async (code = 'A', more: object = {}) =>
    (await as('ann', (db) => db(Book).create({ code, ...more }))).result

  test('a creation: the whole row, and who did it', async () => {
    const { result, drafts } = await as('ann', (db) => db(Book).create({ code: 'A', tags: [1] }), {
      requestId: 'request',
      undoes: 'entry',
    })
    expect(drafts).toEqual([
      {
        actorId: idOf('ann'),
        sessionId: 'session of ann',
        requestId: 'request',
        atMs: clock.nowMs,
        action: 'create',
        model: 'book',
        rowId: String(result.id),
        before: null,
        after: result,
        undoes: 'entry',
      },
    ])
  })

  test('secrets by being there alone', async () => {
    const { result, drafts } = await system((db) => db(Author).create({ name: 'cy', secret: 's3' }))
    expect(drafts[0]?.after).toEqual({ ...result, secret: '(changed)' })
    expect(drafts[0]).toMatchObject({ actorId: null, sessionId: null, requestId: null })
    const changed = await system((db) => db(Author).change(result.id, { secret: 's4' }))
    expect(changed.drafts[0]).toMatchObject({
      before: { secret: '(changed)' },
      after: { secret: '(changed)' },
    })
    const cleared = await system((db) => db(Author).change(result.id, { secret: null }))
    expect(cleared.drafts[0]).toMatchObject({
      before: { secret: '(changed)' },
      after: { secret: null },
    })
    expect(JSON.stringify([drafts, changed.drafts, cleared.drafts])).not.toContain('"s3"')
  })

  test('nothing that is changed afterwards', async () => {
    const { drafts } = await as('ann', async (db) => {
      const row = await db(Book).create({ code: 'A', tags: { list: [1] } })
      const { list } = row.tags as { list: number[] }
      list.push(2)
    })
    expect(drafts[0]?.after).toMatchObject({ tags: { list: [1] } })
  })

  describe('a change', () => {
    for (const [name, patch] of [
      ['by a patch', { rank: 5, code: 'A' }],
      ['by a rule', () => ({ rank: 5, code: 'A' })],
    ] as const)
      test(`${name}: the fields that change`, async () => {
        const { id } = await book()
        clock.nowMs += 1000
        const { drafts, result } = await as('ann', (db) => db(Book).change(id, patch))
        expect(result).toMatchObject({ id, rank: 5, updated_at: later })
        expect(drafts).toMatchObject([{ action: 'change', rowId: String(id) }])
        expect(drafts[0]?.before).toEqual({ rank: 0, updated_at: start })
        expect(drafts[0]?.after).toEqual({ rank: 5, updated_at: later })
      })

    for (const [name, patch] of [
      ['by a patch', { rank: 0, tags: { b: 1, a: [1] } }],
      ['by a rule', () => ({ rank: 0, tags: { b: 1, a: [1] } })],
      ['by an empty patch', {}],
    ] as const)
      test(`${name} that changes nothing is none`, async () => {
        const row = await book('A', { tags: { a: [1], b: 1 } })
        clock.nowMs += 1000
        const { drafts, result } = await as('ann', (db) => db(Book).change(row.id, patch))
        expect(result).toEqual(row)
        expect(drafts).toEqual([])
        expect((await as('ann', (db) => db(Book).get(row.id))).result).toEqual(row)
      })

    test('that changes nothing still needs the row, and it fresh', async () => {
      const row = await book()
      const none = as('ann', (db) => db(Book).change(row.id + 1, { rank: 0 }))
      expect(await codeOf(none)).toBe('not_found')
      const change = (tag: string) =>
        as('ann', (db) => db(Book).change(row.id, { rank: 0 }), {
          precondition: { table: 'books', id: String(row.id), tags: [tag] },
        })
      expect(await codeOf(change('"other"'))).toBe('stale')
      expect(await codeOf(change(entityTag(JSON.stringify(toWire(Book)(row)))))).toBe('done')
    })

    for (const [name, toPatch] of [
      ['a patch', (patch: object) => patch],
      ['a rule', (patch: object) => () => patch],
    ] as const)
      test(`of untracked fields by ${name}: no entry, no new time; beside others they are left out`, async () => {
        const row = await book()
        clock.nowMs += 1000
        const untracked = await as('ann', (db) => db(Book).change(row.id, toPatch({ views: 1 })))
        expect(untracked.drafts).toEqual([])
        expect(untracked.result).toEqual({ ...row, views: 1 })
        const mixed = await as('ann', (db) =>
          db(Book).change(row.id, toPatch({ views: 2, rank: 1 })),
        )
        expect(mixed.result).toEqual({ ...row, views: 2, rank: 1, updated_at: later })
        expect(mixed.drafts[0]?.after).toEqual({ rank: 1, updated_at: later })
        const same = await as('ann', (db) =>
          db(Book).change(row.id, toPatch({ views: 3, rank: 1 })),
        )
        expect(same.drafts).toEqual([])
        expect((await as('ann', (db) => db(Book).get(row.id))).result).toEqual(same.result)
      })

    test('keeps an updated_at that it is given', async () => {
      const { id } = await book()
      const given = '2026-01-01T00:00:00.000Z'
      const { drafts } = await system((db) => db(Book).change(id, { rank: 1, updated_at: given }))
      expect(drafts[0]?.before).toEqual({ rank: 0, updated_at: start })
      expect(drafts[0]?.after).toEqual({ rank: 1, updated_at: given })
    })

    test('by a rule that works on the row it is given', async () => {
      const { id } = await book('A', { tags: ['a'] })
      const { result, drafts } = await as('ann', (db) =>
        db(Book).change(id, (row) => {
          const tags = row.tags as string[]
          tags.push('b')
          return { tags }
        }),
      )
      expect(result.tags).toEqual(['a', 'b'])
      expect(drafts).toMatchObject([{ before: { tags: ['a'] }, after: { tags: ['a', 'b'] } }])
    })

    test('costs one journey to a server, and one read beside the write to a file', async () => {
      const { id } = await book()
      const { statements } = await as('ann', (db) => db(Book).change(id, { rank: 3 }))
      expect(statements).toBe(dialect.name === 'postgres' ? 1 : 2)
    })
  })

  test('a soft removal and a restoration: a change of is_active', async () => {
    const { id } = await book()
    clock.nowMs += 1000
    const removed = await as('ann', (db) => db(Book).remove(id))
    expect(removed.drafts).toMatchObject([{ action: 'remove', rowId: String(id) }])
    expect(removed.drafts[0]?.before).toEqual({ is_active: true, updated_at: start })
    expect(removed.drafts[0]?.after).toEqual({ is_active: false, updated_at: later })
    expect(await codeOf(as('ann', (db) => db(Book).remove(id)))).toBe('not_found')
    const restored = await as('ann', (db) => db(Book).restore(id))
    expect(restored.drafts).toMatchObject([
      { action: 'restore', before: { is_active: false }, after: { is_active: true } },
    ])
    expect(await codeOf(as('ann', (db) => db(Book).restore(id)))).toBe('not_found')
  })

  test('a removal for good: the whole row; only for who is bound by no policy', async () => {
    const row = await book()
    const forGood = { forGood: true }
    const bound = as('ann', (db) => db(Book).remove(row.id, forGood))
    await expect(bound).rejects.toThrow('removed softly')
    const { drafts, result } = await everyone((db) => db(Book).remove(row.id, forGood))
    expect(result).toEqual(row)
    expect(drafts).toMatchObject([{ action: 'remove', before: row, after: null }])
    expect(await codeOf(everyone((db) => db(Book).remove(row.id, forGood)))).toBe('not_found')
  })
})
