import { expect, test } from 'bun:test'
import { eachDialect } from '#kit/testing'
import { AuditEntry } from '../audit/audit-models.ts'
import { Link, Note, Person } from '../fixture/models.ts'
import { codeOf, withPeople } from '../fixture/people.ts'

eachDialect('createMany', (dialect) => {
  const { idOf, reading, system, writing } = withPeople(dialect)
  const titles = (count: number) => Array.from({ length: count }, (_, at) => ({ title: `t${at}` }))

  test('answers whole rows in the order of the inputs, numbered in that order, each recorded', async () => {
    const rows = await writing('ada', (db) => db(Note).createMany(titles(150)))
    expect(rows.map(({ title }) => title)).toEqual(titles(150).map(({ title }) => title))
    const ids = rows.map(({ id }) => id)
    expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b))
    expect(rows[149]).toMatchObject({ person_id: idOf('ada'), is_done: false, is_active: true })
    for (const at of [0, 63, 64, 149]) {
      const row = rows[at]
      if (row) expect(await reading('ada')(Note).get(row.id)).toEqual(row)
    }
    const entries = await system((db) => db(AuditEntry).count({ model: 'note', action: 'create' }))
    expect(entries).toBe(150)
    expect(await writing('ada', (db) => db(Note).createMany([]))).toEqual([])
  })

  test('rows whose ids are given, made by us, or mixed with those the database gives', async () => {
    const people = await system((db) => db(Person).createMany([{ name: 'cy' }, { name: 'di' }]))
    expect(new Set(people.map(({ id }) => id)).size).toBe(2)
    const owner = { person_id: idOf('ada') }
    const mixed = await system((db) =>
      db(Note).createMany([
        { title: 'a', ...owner },
        { id: 900_000, title: 'b', ...owner },
      ]),
    )
    expect(mixed[1]).toMatchObject({ id: 900_000, title: 'b' })
  })

  test('one that is refused leaves none: invalid, taken, another’s', async () => {
    const before = await reading('ada')(Note).count()
    const cases = [
      [[{ title: 'ok' }, { title: '' }], 'invalid'],
      [[{ title: 'ok' }, { title: 'mine', person_id: idOf('bob') }], 'forbidden'],
    ] as const
    for (const [inputs, code] of cases)
      expect(await codeOf(writing('ada', (db) => db(Note).createMany(inputs)))).toBe(code)
    const [note] = await writing('ada', (db) => db(Note).createMany(titles(1)))
    const twice = ['x', 'y', 'x'].map((code) => ({ note_id: note?.id ?? 0, code }))
    expect(await codeOf(writing('ada', (db) => db(Link).createMany(twice)))).toBe('conflict')
    expect(await reading('ada')(Link).count()).toBe(0)
    expect(await reading('ada')(Note).count()).toBe(before + 1)
  })
})
