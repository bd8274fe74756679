import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { type Actor, type AnyModel, anonymous, defineModel, f, type Role } from '#kit/model'
import { eachDialect } from '#kit/testing'
import { bindEveryone, bindRepositories, bindSystem } from './bind.ts'
import { Person } from './fixture/models.ts'
import { codeOf } from './fixture/people.ts'
import type { BoundRepositories, Database, Executor, Statement } from './types.ts'

const fields = { is_open: f.boolean().default(false), text: f.text({ max: 9 }).default('') }
const base = {
  id: f.serial(),
  owner: { field: 'person_id', of: Person },
  softDelete: true,
  fields,
} as const

/** One table under several policies. */
const Door = defineModel('door', { ...base, access: { read: 'owner', write: 'owner' } })
const Shared = defineModel('door', {
  ...base,
  access: {
    read: {
      least: 'user',
      where: ({ row, actor, any }) =>
        any(row.is_open.eq(true), row.person_id.eq(actor.id), actor.hasRole('staff')),
    },
    write: 'owner',
  },
})
const OpenOnly = defineModel('door', {
  ...base,
  access: { read: 'owner', write: { least: 'user', where: ({ row }) => row.is_open.eq(true) } },
})
const DropBox = defineModel('door', {
  ...base,
  access: { read: 'staff', write: { least: 'user', where: ({ row }) => row.is_open.eq(true) } },
})

interface DoorPatch {
  readonly id: number
  readonly text?: string
  readonly is_open?: boolean
}

const nowMs = () => Date.parse('2026-03-08T09:30:00.000Z')
const actorOf = (id: string | null, role: Role | null): Actor => ({ id, role, sessionId: null })

eachDialect('row policies', (dialect) => {
  let database: Database
  const ids: Record<string, string> = {}
  const as = (name: string, role: Role = 'user') => actorOf(ids[name] ?? null, role)
  const reading = (actor: Actor, executor: Executor = database.reader) =>
    bindRepositories(database, { executor, actor, nowMs })
  const writing = <T>(actor: Actor, work: (db: BoundRepositories) => Promise<T>): Promise<T> =>
    database.write('test', (unit) =>
      work(bindRepositories(database, { executor: unit, actor, nowMs })),
    )
  const system = <T>(work: (db: BoundRepositories) => Promise<T>): Promise<T> =>
    database.write('test', (unit) =>
      work(bindSystem(database, { executor: unit, actor: anonymous, nowMs })),
    )

  beforeAll(async () => {
    database = await dialect.open([Person, Door])
    for (const name of ['ada', 'bob'])
      ids[name] = (await system((db) => db(Person).create({ name }))).id
  })
  beforeEach(async () => {
    await database.write('clean', (unit) => unit.executeChange('DELETE FROM doors'))
  })
  afterAll(() => database.close())

  const doorOf = async (name: string, is_open: boolean) => {
    const { id } = await system((db) => db(Door).create({ person_id: ids[name] ?? '', is_open }))
    return id
  }
  const stateOf = (id: number) =>
    bindSystem(database, { executor: database.reader, actor: anonymous, nowMs })(Door).get(id)
  const change = (actor: Actor, model: typeof Door, { id, ...patch }: DoorPatch) =>
    codeOf(writing(actor, (db) => db(model).change(id, patch)))

  test('a policy for reading, the owner for writing: shared rows are read, not written', async () => {
    const [open, closed] = [await doorOf('ada', true), await doorOf('ada', false)]
    const idsFor = async (actor: Actor) =>
      (await reading(actor)(Shared).list({ sort: 'id' })).rows.map(({ id }) => id)
    expect(await idsFor(as('ada'))).toEqual([open, closed])
    expect(await idsFor(as('bob'))).toEqual([open])
    expect(await idsFor(as('bob', 'staff'))).toEqual([open, closed])
    expect(await change(as('bob'), Shared, { id: open, text: 'x' })).toBe('not_found')
    expect(await change(as('bob', 'staff'), Shared, { id: open, text: 'x' })).toBe('not_found')
    expect(await change(as('ada'), Shared, { id: open, text: 'x' })).toBe('done')
    expect(await codeOf(reading(anonymous)(Shared).list())).toBe('unauthenticated')
  })

  test('the owner for reading, a policy for writing: both must hold', async () => {
    const [open, closed] = [await doorOf('ada', true), await doorOf('ada', false)]
    expect(await change(as('bob'), OpenOnly, { id: open, text: 'x' })).toBe('not_found')
    expect(await change(as('ada'), OpenOnly, { id: closed, text: 'x' })).toBe('not_found')
    expect(await change(as('ada'), OpenOnly, { id: open, text: 'x' })).toBe('done')
    expect(await change(as('ada'), OpenOnly, { id: open, is_open: false })).toBe('forbidden')
    const create = (is_open: boolean) =>
      codeOf(writing(as('ada'), (db) => db(OpenOnly).create({ is_open })))
    expect([await create(true), await create(false)]).toEqual(['done', 'forbidden'])
  })

  test('who may not read may create, but reaches nothing of what there is', async () => {
    const created = await writing(as('ada'), (db) => db(DropBox).create({ is_open: true }))
    expect(await codeOf(reading(as('ada'))(DropBox).get(created.id))).toBe('forbidden')
    expect(await change(as('ada'), DropBox, { id: created.id, text: 'x' })).toBe('not_found')
    expect(await change(as('bob', 'staff'), DropBox, { id: created.id, text: 'x' })).toBe('done')
  })

  test('a softly removed row is gone, and restored by whom the policy allows', async () => {
    const id = await doorOf('ada', true)
    const act = (actor: Actor, verb: 'remove' | 'restore') =>
      codeOf(writing(actor, (db) => db(OpenOnly)[verb](id)))
    expect(await act(as('bob'), 'remove')).toBe('not_found')
    expect(await act(as('ada'), 'remove')).toBe('done')
    expect(await reading(as('ada'))(OpenOnly).find(id)).toBeUndefined()
    expect(await act(as('bob'), 'restore')).toBe('not_found')
    expect(await act(as('ada'), 'restore')).toBe('done')
  })

  test('a handler that goes on after `forbidden` has written nothing', async () => {
    const id = await doorOf('ada', true)
    const before = await stateOf(id)
    await writing(as('ada'), async (db) => {
      const attempts = [
        () => db(OpenOnly).change(id, { is_open: false }),
        () => db(OpenOnly).change(id, () => ({ is_open: false })),
        () => db(OpenOnly).changeMany({}, { is_open: false }),
        () => db(OpenOnly).put({ id }, { is_open: false }),
        () => db(OpenOnly).create({ is_open: false }),
      ]
      for (const attempt of attempts) expect(await codeOf(attempt())).toBe('forbidden')
    })
    expect(await stateOf(id)).toEqual(before)
  })

  test('everyone and system reach all rows', async () => {
    const id = await doorOf('ada', false)
    const binding = { executor: database.reader, actor: as('bob', 'admin'), nowMs }
    for (const bind of [bindEveryone, bindSystem])
      expect((await bind(database, binding)(OpenOnly).get(id)).id).toBe(id)
  })

  test('a statement is compiled once for each role, whoever asks', async () => {
    const id = await doorOf('ada', true)
    const statementsOf = async (actor: Actor) => {
      const run: Statement[] = []
      const executor: Executor = {
        ...database.reader,
        all: (statement, values) => {
          run.push(statement)
          return database.reader.all(statement, values)
        },
      }
      const db = reading(actor, executor)
      await db(Shared).list({ count: true })
      await db(Shared).get(id)
      await db(Shared).find({ is_open: true })
      return run
    }
    const [ada, bob] = [await statementsOf(as('ada')), await statementsOf(as('bob'))]
    expect(ada).toHaveLength(4)
    expect(ada.every((statement, index) => statement === bob[index])).toBe(true)
    const staff = await statementsOf(as('bob', 'staff'))
    expect(ada.map(({ sql }) => sql.includes('person_id" ='))).toEqual([true, true, true, true])
    expect(staff.map(({ sql }) => sql.includes('person_id" ='))).not.toContain(true)
  })

  test('a reference names only a row that its writer may read', async () => {
    const Visit = defineModel('visit', {
      access: { read: 'user', write: 'user' },
      fields: { door_id: f.reference(Shared as AnyModel) },
    })
    const closed = await doorOf('ada', false)
    const attempt = writing(as('bob'), (db) => db(Visit).create({ door_id: closed }))
    expect(await codeOf(attempt)).toBe('invalid')
  })
})
