import { describe, expect, test } from 'bun:test'
import { Problem } from '#kit/core'
import { toInputSchema, toWire } from '#kit/model'
import { eachDialect } from '#kit/testing'
import { entityTag } from '../entity-tag.ts'
import { Link, Note, Notice, Person } from '../fixture/models.ts'
import { codeOf, withPeople } from '../fixture/people.ts'

eachDialect('repository', (dialect) => {
  const { clock, everyone, idOf, reading, system, writing } = withPeople(dialect)

  const noteOf = (who: string, title = 'milk') => writing(who, (db) => db(Note).create({ title }))
  describe('create', () => {
    test('answers the whole row: defaults, owner, id, times', async () => {
      const note = await noteOf('ada')
      expect(note).toEqual({
        id: note.id,
        person_id: idOf('ada'),
        title: 'milk',
        is_done: false,
        due_at: null,
        tags: null,
        rank: null,
        is_active: true,
        created_at: '2026-03-08T09:30:00.000Z',
        updated_at: '2026-03-08T09:30:00.000Z',
      })
      expect(await reading('ada')(Note).get(note.id)).toEqual(note)
    })

    test('keeps booleans, instants, numbers and JSON as they are', async () => {
      const tags = ['a', { b: [1, 2.5, null, true] }]
      const values = {
        title: 'é🙂',
        is_done: true,
        due_at: '2026-01-01T00:00:00.001Z',
        tags,
        rank: -(2 ** 53 - 1),
      }
      const note = await writing('ada', (db) => db(Note).create(values))
      expect(await reading('ada')(Note).get(note.id)).toMatchObject(values)
    })

    test('names all faults at once and writes nothing', async () => {
      const bad = { title: '', rank: 2 ** 53, due_at: 'soon', nonsense: 1 } as never
      const error = await writing('ada', (db) => db(Note).create(bad)).catch((cause) => cause)
      expect(error.kind.code).toBe('invalid')
      expect(error.errors.map(({ path }: { path: string }) => path).sort()).toEqual([
        'due_at',
        'nonsense',
        'rank',
        'title',
      ])
      expect(await reading('ada')(Note).count()).toBe(0)
    })

    test('asks for what is required', async () => {
      const error = await writing('ada', (db) => db(Note).create({} as never)).catch(
        (cause) => cause,
      )
      expect(error.errors).toEqual([{ path: 'title', code: 'required', message: 'Is required.' }])
    })

    test('does not give a row to another owner', async () => {
      const forBob = { title: 'x', person_id: idOf('bob') }
      expect(await codeOf(writing('ada', (db) => db(Note).create(forBob)))).toBe('forbidden')
    })

    test('takes what the model’s own schema has checked', async () => {
      const input = toInputSchema(Note).parse({ title: 'checked' })
      expect((await writing('ada', (db) => db(Note).create(input))).title).toBe('checked')
    })

    test('a row that owns itself is not made by another', async () => {
      expect(await codeOf(writing('ada', (db) => db(Person).create({ name: 'new' })))).toBe(
        'forbidden',
      )
    })

    test('numbers are never used twice', async () => {
      const first = await writing('ada', async (db) =>
        db(Link).create({ note_id: (await db(Note).create({ title: 'n' })).id }),
      )
      await writing('ada', (db) => db(Link).remove(first.id))
      const second = await writing('ada', async (db) => db(Link).create({ note_id: first.note_id }))
      expect(second.id).toBeGreaterThan(first.id)
    })
  })

  describe('ownership', () => {
    test('a row of another does not exist', async () => {
      const { id } = await noteOf('ada')
      expect(await reading('bob')(Note).find(id)).toBeUndefined()
      expect(await codeOf(reading('bob')(Note).get(id))).toBe('not_found')
      expect(await codeOf(writing('bob', (db) => db(Note).change(id, { title: 'x' })))).toBe(
        'not_found',
      )
      expect(
        await codeOf(writing('bob', (db) => db(Note).change(id, () => ({ title: 'x' })))),
      ).toBe('not_found')
      expect(await codeOf(writing('bob', (db) => db(Note).remove(id)))).toBe('not_found')
      expect((await reading('bob')(Note).list()).rows).toEqual([])
      expect(await reading('bob')(Note).count()).toBe(0)
      expect((await reading('ada')(Note).get(id)).title).toBe('milk')
    })

    test('nor can one be referred to', async () => {
      const { id } = await noteOf('ada')
      const error = await writing('bob', (db) => db(Link).create({ note_id: id })).catch(
        (cause) => cause,
      )
      expect(error.errors).toEqual([
        { path: 'note_id', code: 'reference', message: 'There is no such note.' },
      ])
      const own = await noteOf('bob')
      const link = await writing('bob', (db) => db(Link).create({ note_id: own.id }))
      expect(await codeOf(writing('bob', (db) => db(Link).change(link.id, { note_id: id })))).toBe(
        'invalid',
      )
    })

    test('a row that owns itself is reached by itself alone', async () => {
      const ada = idOf('ada')
      expect((await reading('ada')(Person).get(ada)).name).toBe('ada')
      expect(await reading('bob')(Person).find(ada)).toBeUndefined()
      expect((await reading('root')(Person).list()).rows).toHaveLength(1)
    })

    test('everyone reaches all, and is for admins', async () => {
      const { id } = await noteOf('ada')
      await writing('ada', (db) => db(Note).remove(id))
      const all = everyone('root')
      expect((await all(Note).get(id)).is_active).toBe(false)
      expect(() => everyone('ada')).toThrow(Problem)
    })

    test('the role decides where there is no owner', async () => {
      const create = (who: string) => codeOf(writing(who, (db) => db(Notice).create({ text: 'x' })))
      expect(await create('root')).toBe('done')
      expect(await create('ada')).toBe('forbidden')
      expect(await create('nobody')).toBe('unauthenticated')
      expect((await reading('nobody')(Notice).list()).rows).toHaveLength(1)
      expect(await codeOf(reading('nobody')(Note).list())).toBe('unauthenticated')
    })
  })

  describe('change', () => {
    test('applies a patch, moves updated_at, keeps the rest', async () => {
      const note = await noteOf('ada')
      clock.nowMs += 1500
      const changed = await writing('ada', (db) => db(Note).change(note.id, { is_done: true }))
      expect(changed).toEqual({ ...note, is_done: true, updated_at: '2026-03-08T09:30:01.500Z' })
    })

    test('a rule sees the row; rules at the same time lose no update', async () => {
      const note = await writing('ada', (db) => db(Note).create({ title: 'n', rank: 0 }))
      const increment = () =>
        writing('ada', (db) => db(Note).change(note.id, ({ rank }) => ({ rank: (rank ?? 0) + 1 })))
      await Promise.all(Array.from({ length: 50 }, increment))
      expect((await reading('ada')(Note).get(note.id)).rank).toBe(50)
    })

    test('null clears an optional field and is refused for another', async () => {
      const note = await writing('ada', (db) => db(Note).create({ title: 'n', rank: 4 }))
      expect(
        (await writing('ada', (db) => db(Note).change(note.id, { rank: null }))).rank,
      ).toBeNull()
      expect(
        await codeOf(writing('ada', (db) => db(Note).change(note.id, { title: null as never }))),
      ).toBe('invalid')
    })

    test('refuses the id and another owner', async () => {
      const { id } = await noteOf('ada')
      expect(await codeOf(writing('ada', (db) => db(Note).change(id, { id: 99 })))).toBe('invalid')
      const bob = idOf('bob')
      expect(await codeOf(writing('ada', (db) => db(Note).change(id, { person_id: bob })))).toBe(
        'forbidden',
      )
    })

    test('a stale precondition changes nothing; a fresh one and * pass', async () => {
      const note = await noteOf('ada')
      const tag = entityTag(JSON.stringify(toWire(Note)(note)))
      const change = (tags: string[], title: string) =>
        codeOf(
          writing('ada', (db) => db(Note).change(note.id, { title }), {
            table: 'notes',
            id: String(note.id),
            tags,
          }),
        )
      expect(await change(['"other"'], 'a')).toBe('stale')
      expect(await change(['"other"', tag], 'b')).toBe('done')
      expect(await change([tag], 'c')).toBe('stale')
      expect(await change(['*'], 'd')).toBe('done')
      const remove = (tags: string[]) =>
        codeOf(
          writing('ada', (db) => db(Note).remove(note.id), {
            table: 'notes',
            id: String(note.id),
            tags,
          }),
        )
      expect(await remove([tag])).toBe('stale')
    })
  })

  describe('remove and restore', () => {
    test('softly: gone for the owner until it is restored', async () => {
      const { id } = await noteOf('ada')
      expect((await writing('ada', (db) => db(Note).remove(id))).is_active).toBe(false)
      expect(await reading('ada')(Note).find(id)).toBeUndefined()
      expect(await codeOf(writing('ada', (db) => db(Note).remove(id)))).toBe('not_found')
      expect(await codeOf(writing('bob', (db) => db(Note).restore(id)))).toBe('not_found')
      expect((await writing('ada', (db) => db(Note).restore(id))).is_active).toBe(true)
      expect(await codeOf(writing('ada', (db) => db(Note).restore(id)))).toBe('not_found')
      expect(await reading('ada')(Note).find(id)).toBeDefined()
    })

    test('for good: answers the row as it was; a row still referred to stays', async () => {
      const note = await noteOf('ada')
      const link = await writing('ada', (db) => db(Link).create({ note_id: note.id, code: 'A' }))
      const purge = () =>
        system(async (db) => db.query(Note).deleteFrom('notes').where('id', '=', note.id).execute())
      expect(await codeOf(purge())).toBe('conflict')
      expect(await writing('ada', (db) => db(Link).remove(link.id))).toEqual(link)
      expect(await codeOf(purge())).toBe('done')
    })
  })

  describe('conflict', () => {
    test('a unique field, without regard to case', async () => {
      const error = await system((db) => db(Person).create({ name: 'ADA' })).catch((cause) => cause)
      expect(error.kind.code).toBe('conflict')
      expect(error.errors).toEqual([{ path: 'name', code: 'taken', message: 'Is taken.' }])
      expect(error.detail).toBe('A person with this name exists already.')
    })

    test('a plain unique field; many nulls are no conflict', async () => {
      const { id } = await noteOf('ada')
      const create = (code: string | null) =>
        codeOf(writing('ada', (db) => db(Link).create({ note_id: id, code })))
      expect([await create('A'), await create('A'), await create('a')]).toEqual([
        'done',
        'conflict',
        'done',
      ])
      expect([await create(null), await create(null)]).toEqual(['done', 'done'])
    })

    test('a reference to a row that is not there', async () => {
      const person_id = idOf('ada')
      expect(await codeOf(system((db) => db(Link).create({ person_id, note_id: 12345 })))).toBe(
        'conflict',
      )
    })
  })

  describe('find', () => {
    test('by conditions; equality on a field without case ignores case', async () => {
      const person = await system((db) => db(Person).find({ name: 'ADA' }))
      expect(person?.name).toBe('ada')
      expect(await reading('bob')(Person).find({ name: 'ada' })).toBeUndefined()
    })
  })

  test('nothing is written by a reader', async () => {
    expect(reading('ada')(Note).create({ title: 'x' })).rejects.toThrow('Nothing is written here')
  })
})
