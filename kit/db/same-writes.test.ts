import { describe, expect, test } from 'bun:test'
import { sql } from 'kysely'
import { Problem } from '#kit/core'
import { eachDialect } from '#kit/testing'
import { codeOf } from './fixture/people.ts'
import { type NewThing, Part, Thing, withThings } from './fixture/things.ts'

eachDialect('writes on both engines', (dialect) => {
  const { compiler, within, things, create } = withThings(dialect)

  describe('what the database refuses', () => {
    test('a twin: conflict, the field named', async () => {
      await create({ name: 'x', nick: 'Ada', code: 'c' })
      const paths = (row: NewThing) =>
        create(row).then(
          () => [],
          (error: unknown) =>
            error instanceof Problem ? error.errors?.map(({ path }) => path) : [],
        )
      expect(await paths({ name: 'x', nick: 'ADA' })).toEqual(['nick'])
      expect(await paths({ name: 'x', code: 'c' })).toEqual(['code'])
      expect(await codeOf(create({ name: 'x', code: null }))).toBe('done')
      expect(await codeOf(create({ name: 'x', code: null }))).toBe('done')
    })

    test('a reference to nothing, and the removal of what is referred to: conflict', async () => {
      const { id } = await create({ name: 'x' })
      await within((db) => db(Part).create({ thing_id: id }))
      expect(await codeOf(within((db) => db(Part).create({ thing_id: id + 1 })))).toBe('conflict')
      expect(await codeOf(within((db) => db(Thing).remove(id)))).toBe('conflict')
    })

    test('nothing where something must be: invalid, the field named', async () => {
      await create({ name: 'x' })
      const attempt = within(async (db) => {
        await db.query(Thing).updateTable('things').set({ name: sql<string>`null` }).execute()
      })
      expect(
        await attempt.catch((error: Problem) => [error.kind.code, error.errors?.[0]?.path]),
      ).toEqual(['invalid', 'name'])
    })

    test('ends the unit, even where the work goes on', async () => {
      await create({ name: 'x', code: 'c' })
      const attempt = within(async (db) => {
        await db(Thing).create({ name: 'before' })
        await db(Thing)
          .create({ name: 'twin', code: 'c' })
          .catch(() => undefined)
        await db(Thing)
          .create({ name: 'after' })
          .catch(() => undefined)
      })
      expect(await codeOf(attempt)).toBe('conflict')
      expect((await things().list()).rows.map(({ name }) => name)).toEqual(['x'])
    })
  })

  describe('units', () => {
    test('fifty changes of a row at once: none is lost', async () => {
      const { id } = await create({ name: 'x', count: 0 })
      const add = () =>
        within((db) => db(Thing).change(id, ({ count }) => ({ count: (count ?? 0) + 1 })))
      await Promise.all(Array.from({ length: 50 }, add))
      expect((await things().get(id)).count).toBe(50)
    })

    test('look and then write as if each ran alone', async () => {
      // Each makes the one row there may be, if there is none: side by side they all saw none.
      const makeOnly = () =>
        within(async (db) => {
          if ((await db(Thing).count()) > 0) return false
          await db(Thing).create({ name: 'the only one' })
          return true
        })
      const made = await Promise.all(Array.from({ length: 8 }, makeOnly))
      expect(made.filter(Boolean)).toHaveLength(1)
      expect(await things().count()).toBe(1)
    })

    test('what follows a commit follows once, however often the work ran', async () => {
      const { id } = await create({ name: 'x', count: 0 })
      let followed = 0
      const add = () =>
        within(async (db, unit) => {
          unit.afterCommit(() => {
            followed += 1
          })
          await db(Thing).change(id, ({ count }) => ({ count: (count ?? 0) + 1 }))
        })
      await Promise.all(Array.from({ length: 20 }, add))
      expect(followed).toBe(20)
    })

    test('two that would wait for each other both end', async () => {
      const [a, b] = [await create({ name: 'a' }), await create({ name: 'b' })]
      const rename = (first: number, second: number, name: string) =>
        within(async (db) => {
          await db(Thing).change(first, { name })
          await new Promise((resolve) => setImmediate(resolve))
          await db(Thing).change(second, { name })
        })
      await Promise.all([rename(a.id, b.id, 'one'), rename(b.id, a.id, 'two')])
      const names = (await things().list()).rows.map(({ name }) => name)
      expect(new Set(names).size).toBe(1)
    })

    test('a change and a removal answer the row', async () => {
      const { id } = await create({ name: 'x', is_new: true, at: '2026-01-01T00:00:00.000Z' })
      const changed = await within((db) => db(Thing).change(id, { name: 'y' }))
      expect(changed).toMatchObject({ id, name: 'y', is_new: true, at: '2026-01-01T00:00:00.000Z' })
      expect(await within((db) => db(Thing).remove(id))).toEqual(changed)
    })

    test('a hand-written update answers rows or how many', async () => {
      for (const count of [1, 2, 3]) await create({ name: 'x', count })
      const [told, rows] = await within(async (db) => [
        await db
          .query(Thing)
          .updateTable('things')
          .set({ is_new: true })
          .where('count', '>', 1)
          .execute(),
        await db
          .query(Thing)
          .updateTable('things')
          .set({ is_new: false })
          .where('count', '=', 1)
          .returning(['count', 'is_new'])
          .execute(),
      ])
      expect(told as unknown).toMatchObject([{ numUpdatedRows: 2n }])
      expect(rows as unknown).toEqual([{ count: 1, is_new: false }])
    })

    test('insert or update', async () => {
      const upsert = (weight: number) =>
        within(async (_, unit) => {
          const { sql: text, parameters } = compiler()
            .insertInto('things')
            .values({
              name: 'x',
              code: 'c',
              weight,
              created_at: '2026-01-01T00:00:00.000Z',
              updated_at: '2026-01-01T00:00:00.000Z',
            })
            .onConflict((conflict) => conflict.column('code').doUpdateSet({ weight }))
            .returning('weight')
            .compile()
          return unit.execute(text, parameters as string[])
        })
      expect(await upsert(1.5)).toEqual([{ weight: 1.5 }])
      expect(await upsert(2.5)).toEqual([{ weight: 2.5 }])
      expect(await things().count()).toBe(1)
    })
  })
})
