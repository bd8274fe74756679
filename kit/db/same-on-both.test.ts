import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { sql } from 'kysely'
import { Problem } from '#kit/core'
import { anonymous, defineModel, f } from '#kit/model'
import { eachDialect } from '#kit/testing'
import { bindSystem } from './bind.ts'
import { codeOf } from './fixture/people.ts'
import type { BoundRepositories, Database, Unit } from './types.ts'

/*
 * What the engines do differently by themselves, each line on both. The PostgreSQL server of the tests sorts as people
 * do and lives in New York, so that nothing passes by its defaults.
 */

const Thing = defineModel('thing', {
  id: f.serial(),
  access: { read: 'admin', write: 'admin' },
  fields: {
    name: f.text({ max: 40 }),
    nick: f.text({ max: 40 }).optional().unique({ ignoreCase: true }),
    code: f.text({ max: 9 }).optional().unique(),
    count: f.integer().optional(),
    weight: f.number().optional(),
    is_new: f.boolean().optional(),
    at: f.instant().optional(),
    day: f.date().optional(),
    data: f.json().optional(),
    level: f.choice(['low', 'high']).optional(),
  },
})
const Part = defineModel('part', {
  id: f.serial(),
  access: { read: 'admin', write: 'admin' },
  fields: { thing_id: f.reference(Thing) },
})

eachDialect('the same on both engines', (dialect) => {
  let database: Database
  beforeAll(async () => {
    database = await dialect.open([Thing, Part])
  })
  beforeEach(async () => {
    await database.write('clean', async (unit) => {
      await unit.executeChange('DELETE FROM parts')
      await unit.executeChange('DELETE FROM things')
    })
  })
  afterAll(() => database.close())

  const binding = { actor: anonymous, nowMs: () => Date.parse('2026-03-08T09:30:00.000Z') }
  const within = <T>(work: (db: BoundRepositories, unit: Unit) => Promise<T>): Promise<T> =>
    database.write('test', (unit) =>
      work(bindSystem(database, { ...binding, executor: unit }), unit),
    )
  const reading = () => bindSystem(database, { ...binding, executor: database.reader })
  const create = (row: Parameters<ReturnType<typeof things>['create']>[0]) =>
    within((db) => db(Thing).create(row))
  const things = () => reading()(Thing)
  const stored = async (row: Parameters<typeof create>[0]) => things().get((await create(row)).id)

  describe('order', () => {
    const names = [
      'b',
      'B',
      'a',
      'Z',
      'ä',
      'é',
      '_',
      '10',
      '9',
      'aa',
      'a b',
      'a-b',
      '\u{1F600}',
      '\uFFFD',
      'ß',
      ' ',
    ]
    const inBytes = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))

    test('of texts is that of their bytes, page after page', async () => {
      for (const name of names) await create({ name })
      const found: string[] = []
      for (let cursor: string | undefined, more = true; more; ) {
        const page = await things().list({ sort: 'name', limit: 3, cursor })
        found.push(...page.rows.map(({ name }) => name))
        cursor = page.next
        more = cursor !== undefined
      }
      expect(found).toEqual(inBytes)
    })

    test('of texts in a hand-written query', async () => {
      for (const name of names) await create({ name })
      const rows = await reading()
        .query(Thing)
        .selectFrom('things')
        .select('name')
        .orderBy('name')
        .execute()
      expect(rows.map(({ name }) => name)).toEqual(inBytes)
      const after = await reading()
        .query(Thing)
        .selectFrom('things')
        .select('name')
        .where('name', '>', 'a')
        .where('name', '<', 'b')
        .orderBy('name', 'desc')
        .execute()
      expect(after.map(({ name }) => name)).toEqual(['aa', 'a-b', 'a b'])
    })

    test('has nulls first going up and last going down', async () => {
      for (const count of [2, null, 1]) await create({ name: 'x', count })
      const counts = async (sort: 'count' | '-count') =>
        (await things().list({ sort })).rows.map(({ count }) => count)
      expect(await counts('count')).toEqual([null, 1, 2])
      expect(await counts('-count')).toEqual([2, 1, null])
    })

    test('of choices is that of their texts', async () => {
      for (const level of ['low', 'high'] as const) await create({ name: 'x', level })
      expect((await things().list({ sort: 'level' })).rows.map(({ level }) => level)).toEqual([
        'high',
        'low',
      ])
    })
  })

  describe('case', () => {
    test('A–Z and a–z are the same to a unique field that says so, other letters are not', async () => {
      await create({ name: 'x', nick: 'Ada Ä' })
      expect(await codeOf(create({ name: 'x', nick: 'aDA Ä' }))).toBe('conflict')
      expect(await codeOf(create({ name: 'x', nick: 'ada ä' }))).toBe('done')
      expect((await things().find({ nick: 'ADA ä' }))?.nick).toBe('ada ä')
    })

    test('search does not see it in A–Z, does in others, and knows no wildcards', async () => {
      for (const name of ['Ärger', 'ärger', '50%', '500', 'a_b', 'aXb', 'back\\slash'])
        await create({ name })
      const search = async (text: string) =>
        (await things().list({ search: text, searchIn: ['name'], sort: 'id' })).rows.map(
          ({ name }) => name,
        )
      expect(await search('RGER')).toEqual(['Ärger', 'ärger'])
      expect(await search('Ä')).toEqual(['Ärger'])
      expect(await search('0%')).toEqual(['50%'])
      expect(await search('a_')).toEqual(['a_b'])
      expect(await search('K\\S')).toEqual(['back\\slash'])
    })

    test('a plain text field does see it', async () => {
      await create({ name: 'Ada', code: 'x' })
      expect(await things().find({ name: 'ada' })).toBeUndefined()
      expect(await codeOf(create({ name: 'y', code: 'X' }))).toBe('done')
    })
  })

  describe('values', () => {
    test('booleans are booleans, to filters too', async () => {
      for (const is_new of [true, false, null]) await create({ name: String(is_new), is_new })
      const found = async (is_new: boolean | null) =>
        (await things().list({ where: { is_new } })).rows.map((row) => [row.name, row.is_new])
      expect(await found(true)).toEqual([['true', true]])
      expect(await found(false)).toEqual([['false', false]])
      expect(await found(null)).toEqual([['null', null]])
      const rows = await reading()
        .query(Thing)
        .selectFrom('things')
        .select('is_new')
        .where('is_new', '=', true)
        .execute()
      expect(rows).toEqual([{ is_new: true }])
    })

    test('instants keep the millisecond, whatever the zone of the server', async () => {
      const instants = [
        '2026-03-08T07:00:00.123Z',
        '2026-03-08T06:59:59.999Z',
        '1970-01-01T00:00:00.001Z',
        '0001-01-01T00:00:00.000Z',
        '9999-12-31T23:59:59.999Z',
      ]
      for (const at of instants) expect((await stored({ name: 'x', at })).at).toBe(at)
      const { rows } = await things().list({
        where: { at: { gt: '2026-03-08T07:00:00.122Z' } },
        sort: 'at',
      })
      expect(rows.map(({ at }) => at)).toEqual([
        '2026-03-08T07:00:00.123Z',
        '9999-12-31T23:59:59.999Z',
      ])
      expect(await things().count({ at: '2026-03-08T07:00:00.123Z' })).toBe(1)
      const [latest] = await reading()
        .query(Thing)
        .selectFrom('things')
        .select((eb) => eb.fn.max('at').as('latest'))
        .execute()
      expect(latest).toEqual({ latest: '9999-12-31T23:59:59.999Z' })
    })

    test('dates are days, in no zone', async () => {
      for (const day of ['2026-03-08', '2026-11-01', '0001-01-01', '9999-12-31'])
        expect((await stored({ name: 'x', day })).day).toBe(day)
      expect(
        (await things().list({ where: { day: { gte: '2026-11-01' } }, sort: 'day' })).rows.map(
          ({ day }) => day,
        ),
      ).toEqual(['2026-11-01', '9999-12-31'])
    })

    test('integers are exact up to 2^53 - 1; beyond they are refused, read too', async () => {
      for (const count of [
        Number.MAX_SAFE_INTEGER,
        Number.MIN_SAFE_INTEGER,
        0,
        2 ** 31,
        -(2 ** 31) - 1,
      ])
        expect((await stored({ name: 'x', count })).count).toBe(count)
      expect(await codeOf(create({ name: 'x', count: 2 ** 53 }))).toBe('invalid')
      const { id } = await create({ name: 'x', count: Number.MAX_SAFE_INTEGER })
      await within(async (_, unit) =>
        unit.executeChange(`UPDATE things SET count = count + 2 WHERE id = ${id}`),
      )
      await expect(things().get(id)).rejects.toThrow(RangeError)
    })

    test('numbers are doubles', async () => {
      for (const weight of [0.1 + 0.2, 5e-324, 1.7976931348623157e308, -2.5, 3, 1e21, 2 ** 60])
        expect((await stored({ name: 'x', weight })).weight).toBe(weight)
      expect(await things().count({ weight: { gt: 2.9 } })).toBe(4)
      expect(await things().count({ weight: 3 })).toBe(1)
    })

    test('counts and sums of a hand-written query are numbers', async () => {
      for (const count of [1, 2, 4]) await create({ name: 'x', count, weight: count / 2 })
      const [row] = await reading()
        .query(Thing)
        .selectFrom('things')
        .select((eb) => [
          eb.fn.countAll().as('all'),
          eb.fn.sum('count').as('sum'),
          eb.fn.max('count').as('max'),
          eb.fn.avg('weight').as('avg'),
        ])
        .execute()
      expect(row as unknown).toEqual({ all: 3, sum: 7, max: 4, avg: 3.5 / 3 })
    })

    const values = [
      'dark',
      '',
      '{"a":1}',
      'null',
      3,
      -0.5,
      true,
      false,
      [],
      {},
      [1, [null, 'x']],
      { 'ü"\\': { b: [true] } },
      '\u{1F600}',
      '😀 \\u0000',
    ]
    for (const data of values)
      test(`JSON: ${JSON.stringify(data)}`, async () => {
        const row = await stored({ name: 'x', data })
        expect(row.data).toEqual(data)
        const rows = await reading().query(Thing).selectFrom('things').select('data').execute()
        expect(rows as unknown).toEqual([{ data }])
      })

    test('texts of all sorts come back as they went', async () => {
      for (const name of [
        '',
        "it's",
        '"',
        '\\',
        '\u{1F600}',
        'é',
        'e\u0301',
        '\n\t',
        '$1 ? %s',
        '\u0001\u007F\uFFFF',
      ])
        expect((await stored({ name })).name).toBe(name)
    })

    test('NUL is refused, stored or looked for', async () => {
      expect(await codeOf(create({ name: 'a\0b' }))).toBe('invalid')
      expect(await codeOf(create({ name: 'x', data: { 'a\0': 1 } }))).toBe('invalid')
      expect(await codeOf(create({ name: 'x', data: ['a\0'] }))).toBe('invalid')
      expect(await codeOf(things().find({ name: 'a\0b' }))).toBe('invalid')
      expect(await codeOf(things().list({ where: { name: { in: ['x', '\0'] } } }))).toBe('invalid')
      expect(await codeOf(things().list({ search: '\0' }))).toBe('invalid')
    })
  })

  describe('what the database refuses', () => {
    test('a twin: conflict, the field named', async () => {
      await create({ name: 'x', nick: 'Ada', code: 'c' })
      const paths = (row: Parameters<typeof create>[0]) =>
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
          const { sql: text, parameters } = database.dialect.compiler
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
