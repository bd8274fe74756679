import { describe, expect, test } from 'bun:test'
import { eachDialect } from '#kit/testing'
import { codeOf } from './fixture/people.ts'
import { Thing, withThings } from './fixture/things.ts'

/*
 * What the engines do differently by themselves, each line on both. The PostgreSQL server of the tests sorts as people
 * do and lives in New York, so that nothing passes by its defaults.
 */

eachDialect('values on both engines', (dialect) => {
  const { within, reading, things, create, stored } = withThings(dialect)

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
})
