import { afterAll, beforeAll, expect, test } from 'bun:test'
import fc from 'fast-check'
import { sql } from 'kysely'
import { type Actor, anonymous, defineModel, f } from '#kit/model'
import { eachDialect } from '#kit/testing'
import { bindRepositories, bindSystem } from './bind.ts'
import {
  anyAttempt,
  anyWorld,
  judge,
  now,
  outcomeOf,
  rowsAfter,
  type World,
} from './fixture/paper-worlds.ts'
import { anyActor, anyValues, Paper, type PaperRow, paperUnder } from './fixture/papers.ts'
import { codeOf } from './fixture/people.ts'
import type { BoundRepositories, Database } from './types.ts'

const nowMs = () => Date.parse(now)
const Mention = defineModel('mention', {
  id: f.serial(),
  access: { read: 'anyone', write: 'anyone' },
  fields: { paper_id: f.reference(Paper) },
})

async function eachOf<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (const one of all) results.push(await work(one))
  return results
}

const told = (world: World) => ({
  actor: `${world.actor.role} ${world.actor.id}`,
  read: world.read.text,
  write: world.write.text,
  rows: world.rows,
})

eachDialect('row policies', (dialect) => {
  let database: Database
  beforeAll(async () => {
    database = await dialect.open([Paper, Mention])
  })
  afterAll(() => database.close())

  const everything = () =>
    bindSystem(database, { executor: database.reader, actor: anonymous, nowMs })
  const writing = <T>(actor: Actor, work: (db: BoundRepositories) => Promise<T>): Promise<T> =>
    database.write('test', (unit) =>
      work(bindRepositories(database, { executor: unit, actor, nowMs })),
    )

  /** The rows of this world and no others, as they are stored. */
  const begin = async ({ rows }: World): Promise<PaperRow[]> => {
    await database.write('begin', async (unit) => {
      for (const table of ['mentions', 'papers']) await unit.executeChange(`DELETE FROM "${table}"`)
      const db = bindSystem(database, { executor: unit, actor: anonymous, nowMs })
      for (const [index, row] of rows.entries())
        await db(Paper).create({ ...row, code: `c${index}` })
    })
    return stored()
  }
  const stored = async () => [...(await everything()(Paper).list({ sort: 'id' })).rows]
  const check = <T>(arbitrary: fc.Arbitrary<T>, property: (value: T) => Promise<void>) =>
    fc.assert(
      fc.asyncProperty(arbitrary, property).beforeEach((before) => before()),
      { numRuns: 80 },
    )

  let shown = 0
  let hidden = 0

  const expectView = async (
    Model: ReturnType<typeof paperUnder>,
    rows: readonly PaperRow[],
    world: World,
  ) => {
    const { actor, read } = world
    const visible = rows.filter((row) => read.truth({ row, actor, now }) === 1)
    const ids = visible.map(({ id }) => id)
    shown += visible.length
    hidden += rows.length - visible.length
    const db = bindRepositories(database, { executor: database.reader, actor, nowMs })
    const page = await db(Model).list({ sort: 'id', count: true })
    expect({ ...told(world), rows: page.rows }).toEqual({ ...told(world), rows: visible })
    expect([page.total, await db(Model).count()]).toEqual([ids.length, ids.length])
    for (const row of rows) {
      const found = visible.includes(row) ? row : undefined
      expect(await db(Model).find(row.id)).toEqual(found as never)
      expect(await db(Model).find({ code: row.code })).toEqual(found as never)
    }
    const query = db.query(Model)
    const asked = await Promise.all([
      query.selectFrom('papers').select('id').orderBy('id').execute(),
      query.selectFrom('papers as p').select('p.id').orderBy('p.id').execute(),
      query
        .selectFrom('papers as a')
        .innerJoin('papers as b', 'a.id', 'b.id')
        .select('b.id')
        .orderBy('b.id')
        .execute(),
      query
        .with('some', (inner) => inner.selectFrom('papers').select('id'))
        .selectFrom('some')
        .select('id')
        .orderBy('id')
        .execute(),
      query
        .selectFrom('papers')
        .select('id')
        .where('id', 'in', (eb) => eb.selectFrom('papers as q').select('q.id'))
        .orderBy('id')
        .execute(),
    ])
    for (const answer of asked) expect(answer.map(({ id }) => id)).toEqual(ids)
  }

  test('whatever reads answers the rows that the policy holds of, and no others', async () => {
    const anyView = fc.tuple(anyWorld, fc.array(anyActor, { minLength: 1, maxLength: 3 }))
    await check(anyView, async ([world, actors]) => {
      const rows = await begin(world)
      const Model = paperUnder(world.read, world.write)
      for (const actor of actors) await expectView(Model, rows, { ...world, actor })
    })
    expect([shown > 50, hidden > 50]).toEqual([true, true])
  }, 60_000)
  test('a reference names only rows that the policy holds of', async () => {
    await check(anyWorld, async (world) => {
      const rows = await begin(world)
      const { actor, read, write } = world
      const Pointing = defineModel('mention', {
        id: f.serial(),
        access: { read: 'anyone', write: 'anyone' },
        fields: { paper_id: f.reference(paperUnder(read, write)) },
      })
      const codes = await writing(actor, async (db) => {
        const done: string[] = []
        for (const { id } of rows) done.push(await codeOf(db(Pointing).create({ paper_id: id })))
        return done
      })
      expect(codes).toEqual(
        rows.map((row) => (read.truth({ row, actor, now }) === 1 ? 'done' : 'invalid')),
      )
    })
  }, 60_000)

  test('a change reaches its rows alone and leaves only rows that may be written', async () => {
    const seen = new Set<string>()
    await check(fc.tuple(anyAttempt, fc.boolean()), async ([attempt, isRule]) => {
      const { actor, read, write, patch } = attempt
      const rows = await begin(attempt)
      const expected = rows.map((row) => outcomeOf(judge(attempt, row)))
      const Model = paperUnder(read, write)
      const codes = await writing(actor, (db) =>
        eachOf(rows, ({ id }) => codeOf(db(Model).change(id, isRule ? () => patch : patch))),
      )
      expect(codes).toEqual(expected)
      expect(await stored()).toEqual(rowsAfter(attempt, rows))
      for (const code of codes) seen.add(code)
    })
    expect([...seen].sort()).toEqual(['done', 'forbidden', 'not_found'])
  }, 60_000)

  test('so does a put by a unique key', async () => {
    await check(anyAttempt, async (attempt) => {
      const { actor, read, write, patch } = attempt
      const rows = await begin(attempt)
      const Model = paperUnder(read, write)
      const codes = await writing(actor, (db) =>
        eachOf(rows, ({ code }) => codeOf(db(Model).put({ code }, patch))),
      )
      const areDone = rows.map((row) => outcomeOf(judge(attempt, row)) === 'done')
      expect(codes.map((code) => code === 'done')).toEqual(areDone)
      expect(await stored()).toEqual(rowsAfter(attempt, rows))
    })
  }, 60_000)

  test('a new row is one that may be written', async () => {
    const created = new Map<string, number>()
    await check(fc.tuple(anyWorld, anyValues), async ([world, values]) => {
      const { actor, read, write } = world
      await begin({ ...world, rows: [] })
      const blank = Object.fromEntries(Object.keys(Paper.fields).map((name) => [name, null]))
      const row = { ...blank, ...values, code: 'new', created_at: now, updated_at: now }
      const mayBe = write.truth({ row: row as never, actor, now }) === 1
      const Model = paperUnder(read, write)
      const verbs: Record<string, (db: BoundRepositories) => Promise<unknown>> = {
        create: (db) => db(Model).create({ ...values, code: 'new' }),
        put: (db) => db(Model).put({ code: 'newer' }, values),
        createMany: (db) => db(Model).createMany([{ ...values, code: 'newest' }]),
      }
      for (const create of Object.values(verbs)) {
        const code = await writing(actor, (db) => codeOf(create(db)))
        expect(code).toBe(mayBe ? 'done' : 'forbidden')
        created.set(code, (created.get(code) ?? 0) + 1)
      }
      expect(await stored()).toHaveLength(mayBe ? 3 : 0)
    })
    expect([...created.keys()].sort()).toEqual(['done', 'forbidden'])
  }, 60_000)

  test('changeMany changes all rows that it reaches, or says that it may not', async () => {
    await check(anyAttempt, async (attempt) => {
      const { actor, read, write, patch } = attempt
      const rows = await begin(attempt)
      const judged = rows.map((row) => ({ row, ...judge(attempt, row) }))
      const reached = judged.filter(({ isReached }) => isReached)
      const isForbidden = reached.some(({ isAllowed }) => !isAllowed)
      const changed = await writing(actor, (db) =>
        db(paperUnder(read, write)).changeMany({}, patch),
      ).catch((error) => error.kind.code)
      const differing = reached.filter(({ row, after }) => !Bun.deepEquals(row, after))
      expect(changed).toBe(isForbidden ? 'forbidden' : differing.length)
      expect(await stored()).toEqual(
        judged.map(({ row, isReached, after }) => (isReached && !isForbidden ? after : row)),
      )
    })
  }, 60_000)

  const removals: Record<
    string,
    (
      db: BoundRepositories,
      of: { model: typeof Paper; rows: readonly PaperRow[] },
    ) => Promise<unknown>
  > = {
    remove: async (db, { model, rows }) => {
      for (const { id } of rows)
        await db(model)
          .remove(id)
          .catch((error) => expect(error.kind.code).toBe('not_found'))
    },
    removeMany: (db, { model }) => db(model).removeMany({}),
    'a hand-written delete': (db, { model }) =>
      db
        .query(model)
        .deleteFrom('papers')
        .where((eb) => eb.or([eb('id', '>', 0), sql<boolean>`1 = 1`]))
        .execute(),
  }
  for (const [name, remove] of Object.entries(removals))
    test(`${name} removes its rows alone`, async () => {
      await check(anyAttempt, async (attempt) => {
        const { actor, read, write } = attempt
        const rows = await begin(attempt)
        const model = paperUnder(read, write) as unknown as typeof Paper
        await writing(actor, (db) => remove(db, { model, rows }))
        expect(await stored()).toEqual(rows.filter((row) => !judge(attempt, row).isReached))
      })
    }, 60_000)

  test('a hand-written update changes its rows alone', async () => {
    await check(anyAttempt, async (attempt) => {
      const { actor, read, write } = attempt
      const rows = await begin(attempt)
      await writing(actor, (db) =>
        db
          .query(paperUnder(read, write))
          .updateTable('papers')
          .set({ remark: 'changed' })
          .where((eb) => eb.or([eb('id', '>', 0), sql<boolean>`1 = 1`]))
          .execute(),
      )
      const remarks = (await stored()).map(({ remark }) => remark)
      expect(remarks).toEqual(rows.map((row) => (judge(attempt, row).isReached ? 'changed' : null)))
    })
  }, 60_000)

  test('a hand-written update of any fields leaves only rows that may be written, or is refused', async () => {
    const refusals = { refused: 0, done: 0 }
    await check(anyAttempt, async (attempt) => {
      const { actor, read, write } = attempt
      const patch = { title: 'a', ...attempt.patch }
      const rows = await begin(attempt)
      const error = await writing(actor, (db) =>
        db.query(paperUnder(read, write)).updateTable('papers').set(patch).execute(),
      ).catch((cause: unknown) => String(cause))
      const isRefused = typeof error === 'string'
      refusals[isRefused ? 'refused' : 'done'] += 1
      if (isRefused) expect(error).toContain('cannot be set by an update')
      const judged = rows.map((row) => ({ row, ...judge({ ...attempt, patch }, row) }))
      const reached = judged.filter(({ isReached }) => isReached)
      expect(isRefused || reached.every(({ isAllowed }) => isAllowed)).toBe(true)
      const expected = judged.map((one) => (one.isReached && !isRefused ? one.after : one.row))
      expect(await stored()).toEqual(expected)
    })
    expect([refusals.refused > 0, refusals.done > 0]).toEqual([true, true])
  }, 60_000)
})
