import { beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { sql } from 'kysely'
import type { Actor } from '#kit/model'
import { eachDialect } from '#kit/testing'
import { bindEveryone, bindRepositories, bindSystem } from '../bind.ts'
import { Link, models, Note, Notice, Person } from '../fixture/models.ts'
import type { BoundRepositories, Database } from '../types.ts'

eachDialect('db.query', (dialect) => {
  let database: Database
  let ada: Actor
  let bob: Actor
  const nowMs = () => Date.parse('2026-03-08T09:30:00Z')

  beforeAll(async () => {
    database = await dialect.open(models)
  })

  beforeEach(async () => {
    await database.write('seed', async (unit) => {
      for (const table of ['links', 'notes', 'people'])
        await unit.executeChange(`DELETE FROM "${table}"`)
      const nobody = { id: null, role: null, sessionId: null }
      const db = bindSystem(database, { executor: unit, actor: nobody, nowMs })
      const person = async (name: string): Promise<Actor> => {
        const { id } = await db(Person).create({ name, secret_hash: `hash of ${name}` })
        for (const title of ['one', 'two', 'three']) await db(Note).create({ person_id: id, title })
        return { id, role: 'user', sessionId: 's' }
      }
      ada = await person('ada')
      bob = await person('bob')
    })
  })

  const reading = (actor = ada) =>
    bindRepositories(database, { executor: database.reader, actor, nowMs }).query(
      Person,
      Note,
      Link,
      Notice,
    )
  const writing = <T>(work: (query: ReturnType<typeof reading>) => Promise<T>): Promise<T> =>
    database.write('test', (unit) =>
      work(
        bindRepositories(database, { executor: unit, actor: ada, nowMs }).query(
          Person,
          Note,
          Link,
          Notice,
        ),
      ),
    )
  const all = (use: (db: BoundRepositories) => unknown) =>
    use(bindSystem(database, { executor: database.reader, actor: ada, nowMs }))
  const notes = () =>
    all((db) => db.query(Note).selectFrom('notes').selectAll().orderBy('id').execute())

  describe('reads', () => {
    test('from, alias, join, sub-query, common table expression and union hold own rows only', async () => {
      const query = reading()
      const own = [{ person_id: ada.id }, { person_id: ada.id }, { person_id: ada.id }]
      expect(await query.selectFrom('notes').select('person_id').execute()).toEqual(own as never)
      expect(await query.selectFrom('notes as n').select('n.person_id').execute()).toEqual(
        own as never,
      )
      expect(
        await query
          .selectFrom('people')
          .leftJoin('notes', 'notes.person_id', 'people.id')
          .select('notes.person_id')
          .execute(),
      ).toEqual(own as never)
      expect(
        await query
          .selectFrom('people as p')
          .crossJoin('notes as n')
          .select('n.person_id')
          .execute(),
      ).toEqual(own as never)
      expect(
        await query
          .with('mine', (db) => db.selectFrom('notes').selectAll())
          .selectFrom('mine')
          .select('person_id')
          .execute(),
      ).toEqual(own as never)
      expect(
        await query
          .selectFrom(query.selectFrom('notes').select('person_id').as('inner'))
          .select('inner.person_id')
          .execute(),
      ).toEqual(own as never)
      expect(
        await query
          .selectFrom('notes')
          .select('person_id as id')
          .union(query.selectFrom('people').select('people.id'))
          .execute(),
      ).toEqual([{ id: ada.id }] as never)
      expect(
        await query
          .selectFrom('people')
          .select((eb) => eb.selectFrom('notes').select(eb.fn.countAll<number>().as('n')).as('n'))
          .execute(),
      ).toEqual([{ n: 3 }])
    })

    test('softly removed rows are not read', async () => {
      await writing((query) => query.updateTable('notes').set({ title: 'x' }).execute())
      await database.write('remove', async (unit) => {
        const db = bindRepositories(database, { executor: unit, actor: ada, nowMs })
        const [first] = (await db(Note).list()).rows
        if (first) await db(Note).remove(first.id)
      })
      expect(await reading().selectFrom('notes').select('id').execute()).toHaveLength(2)
    })

    test('internal fields are not there', async () => {
      const [row] = await reading().selectFrom('people').selectAll().execute()
      expect(Object.keys(row ?? {}).sort()).toEqual(['created_at', 'id', 'name', 'updated_at'])
    })

    test('values come as the model has them, aliases too; an aggregate keeps its number', async () => {
      const [row] = await reading()
        .selectFrom('notes')
        .select(['is_done', 'is_done as done'])
        .limit(1)
        .execute()
      expect(row).toEqual({ is_done: false, done: false })
      const [counted] = await reading()
        .selectFrom('notes')
        .select(({ fn }) => fn.countAll<number>().as('is_done'))
        .where('is_done', '=', false)
        .execute()
      expect(counted).toEqual({ is_done: 3 })
    })
  })

  describe('writes', () => {
    test('an update changes own rows only, whatever its condition says', async () => {
      const result = await writing((query) =>
        query
          .updateTable('notes')
          .set({ is_done: true })
          .where((eb) => eb.or([eb('id', '>', 0), eb('id', '<=', 0)]))
          .executeTakeFirst(),
      )
      expect(result.numUpdatedRows).toBe(3n)
      const after = (await notes()) as { person_id: string; is_done: boolean }[]
      expect(after.every(({ person_id, is_done }) => is_done === (person_id === ada.id))).toBe(true)
    })

    test('an update under an alias, with its rows', async () => {
      const rows = await writing((query) =>
        query.updateTable('notes').set({ title: 'new' }).returning(['title', 'is_done']).execute(),
      )
      expect(rows).toEqual([
        { title: 'new', is_done: false },
        { title: 'new', is_done: false },
        { title: 'new', is_done: false },
      ])
    })

    test('a delete removes own rows only', async () => {
      await database.write('links', async (unit) => {
        for (const actor of [ada, bob]) {
          const db = bindRepositories(database, { executor: unit, actor, nowMs })
          const [note] = (await db(Note).list()).rows
          if (note) await db(Link).create({ note_id: note.id })
        }
      })
      const result = await writing((query) => query.deleteFrom('links').executeTakeFirst())
      expect(result.numDeletedRows).toBe(1n)
    })
  })

  type Attack = (query: ReturnType<typeof reading>) => { execute(): Promise<unknown> }
  const loose = (query: ReturnType<typeof reading>) =>
    query as never as Record<string, (...of: unknown[]) => never>

  const refused: Record<string, [Attack, string]> = {
    'a table of no model': [
      (q) => loose(q)['selectFrom']?.('sqlite_master') as never,
      'sqlite_master',
    ],
    'a system table': [
      (q) => loose(q)['selectFrom']?.('plinth_migrations') as never,
      'plinth_migrations',
    ],
    'a schema before the table': [(q) => loose(q)['selectFrom']?.('main.notes') as never, 'schema'],
    'raw SQL for a table': [
      (q) => q.selectFrom(sql<{ id: number }>`notes`.as('n')).selectAll(),
      'RawNode',
    ],
    'sql.table for a table': [
      (q) => q.selectFrom(sql<{ id: number }>`${sql.table('notes')}`.as('n')).selectAll(),
      'RawNode',
    ],
    'a raw sub-query': [
      (q) => q.selectFrom('notes').select(sql`(select count(*) from notes)`.as('n')),
      '"select"',
    ],
    'a table inside raw SQL': [
      (q) => q.selectFrom('notes').select(sql`1 in ${sql.table('people')}`.as('n')),
      '"in"',
    ],
    'a raw union': [
      (q) => q.selectFrom('notes').select('id').where(sql<boolean>`1 union all values (1)`),
      '"union"',
    ],
    'an unknown function': [
      (q) => q.selectFrom('notes').select((eb) => eb.fn('load_extension', ['title']).as('n')),
      'load_extension',
    ],
    'an unknown raw function': [
      (q) => q.selectFrom('notes').select(sql`query_to_xml('x')`.as('n')),
      'query_to_xml',
    ],
    'an update of the owner': [
      (q) => q.updateTable('notes').set({ person_id: bob.id ?? '' }),
      'person_id',
    ],
    'an update of the id': [(q) => q.updateTable('notes').set({ id: 99 }), 'id'],
    'an update that leaves its place': [
      (q) => q.updateTable('notes').set({ title: sql`'x', person_id = '1'` }),
      'list',
    ],
    'a condition that leaves its place': [
      (q) => q.updateTable('notes').set({ title: 'x' }).where(sql<boolean>`1 = 1) or (1 = 1`),
      'parenthesis',
    ],
    'a comment': [
      (q) => q.updateTable('notes').set({ title: 'x' }).where(sql<boolean>`1 = 1 --`),
      'comment',
    ],
    'a delete of what is removed softly': [(q) => q.deleteFrom('notes'), 'softly'],
    'an admin’s table': [(q) => q.updateTable('notices').set({ text: 'x' }), 'admins'],
  }
  for (const [name, [attack, said]] of Object.entries(refused))
    test(`refuses ${name}`, async () => {
      const before = await notes()
      const error: unknown = await writing(async (query) => attack(query).execute()).catch(
        (cause: unknown) => cause,
      )
      expect(error).toBeInstanceOf(Error)
      expect(String(error)).toContain(said)
      expect(await notes()).toEqual(before as never)
    })

  test('a common table expression named like a table hides nothing', async () => {
    const query = loose(reading())
    const shadow = query['with']?.(
      'notes',
      (db: never) =>
        loose(db)['selectFrom']?.('people') &&
        (db as { selectFrom(of: string): { selectAll(): unknown } })
          .selectFrom('people')
          .selectAll(),
    ) as unknown as ReturnType<typeof reading>
    const rows = await shadow.selectFrom('notes').selectAll().execute()
    expect(rows.map(({ id }) => id as unknown)).toEqual([ada.id])
  })

  test('there is no way to ready-made SQL, plugins, schemas or inserts', () => {
    expect(Object.keys(reading()).sort()).toEqual([
      'case',
      'deleteFrom',
      'dynamic',
      'fn',
      'selectFrom',
      'updateTable',
      'with',
      'withRecursive',
    ])
  })

  test('everyone reads and writes all', async () => {
    const admin: Actor = { ...ada, role: 'admin' }
    const everyone = bindEveryone(database, { executor: database.reader, actor: admin, nowMs })
    expect(await everyone.query(Note).selectFrom('notes').select('id').execute()).toHaveLength(6)
  })

  test('a reader writes nothing', () => {
    expect(reading().updateTable('notes').set({ title: 'x' }).execute()).rejects.toThrow(
      'Nothing is written here',
    )
  })
})
