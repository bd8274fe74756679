import { afterAll, beforeAll, expect, test } from 'bun:test'
import { nameKey } from '#kit/core'
import { type Actor, anonymous, defineModel, f } from '#kit/model'
import { eachDialect } from '#kit/testing'
import { AuditChain } from '../audit/audit-models.ts'
import { undo } from '../audit/undo/undo.ts'
import { bindRepositories, bindSystem } from '../bind.ts'
import { holdsText } from '../holds-text.ts'
import { AuditEntry, type BoundRepositories, type Database } from '../index.ts'

const Label = defineModel('label', {
  access: { read: 'staff', write: 'staff' },
  fields: {
    name: f.text({ min: 2, max: 20, trim: true, compose: true }),
    name_key: f.derived('name', nameKey),
    shelf: f.text({ max: 9 }).optional(),
  },
  indexes: [{ fields: ['name_key'], unique: true }],
})
const Line = defineModel('line', {
  access: { read: 'staff', write: 'staff' },
  insertOnly: true,
  fields: { text: f.text({ max: 20 }) },
})
const Hold = defineModel('hold', {
  access: { read: 'staff', write: 'staff' },
  audit: { where: { by: null } },
  fields: { by: f.text({ max: 9 }).optional(), place: f.integer() },
})
const staff: Actor = { id: '019b76da-a800-7000-8000-000000000001', role: 'staff', sessionId: null }

eachDialect('what the repository derives, adds and tells', (dialect) => {
  let database: Database
  beforeAll(async () => {
    database = await dialect.open([Label, Line, Hold, AuditEntry, AuditChain])
  })
  const binding = { actor: anonymous, nowMs: () => Date.UTC(2026, 0, 1) }
  const within = <T>(work: (db: BoundRepositories) => Promise<T>) =>
    database.write('test', (executor) =>
      work(bindRepositories(database, { ...binding, actor: staff, executor })),
    )
  const reading = () =>
    bindRepositories(database, { ...binding, actor: staff, executor: database.reader })
  const everything = () => bindSystem(database, { ...binding, executor: database.reader })
  const entries = async (model: string) =>
    (await everything()(AuditEntry).list({ where: { model }, sort: 'seq' })).rows
  const keys = async () =>
    (await reading()(Label).list({ sort: 'name' })).rows.map((row) => row.name_key)
  afterAll(() => database.close())

  test('a derived field follows its source on every way of writing', async () => {
    const one = await within((db) => db(Label).create({ name: '  ÉTÉ ' }))
    expect([one.name, one.name_key]).toEqual(['ÉTÉ', 'été'])
    await within((db) => db(Label).createMany([{ name: 'E\u0301cru' }, { name: 'İX' }]))
    expect(new Set(await keys())).toEqual(new Set(['écru', 'i\u0307x', 'été']))
    await within((db) => db(Label).change(one.id, { name: 'Noir' }))
    await within((db) => db(Label).change(one.id, ({ name }) => ({ name: `${name}!` })))
    expect((await reading()(Label).get(one.id)).name_key).toBe('noir!')
    await within((db) => db(Label).changeMany({ id: one.id }, { name: 'ROUGE' }))
    expect((await reading()(Label).get(one.id)).name_key).toBe('rouge')
    await within((db) => db(Label).put({ id: one.id }, { name: 'Vert' }))
    await within((db) => db(Label).change(one.id, { shelf: 'A' }))
    expect((await reading()(Label).get(one.id)).name_key).toBe('vert')
  })

  test('nobody sets it, and no query comes between it and its source', async () => {
    const set = within((db) => db(Label).create({ name: 'Grau', name_key: 'x' }))
    await expect(set).rejects.toMatchObject({ errors: [{ path: 'name_key', code: 'readonly' }] })
    for (const values of [{ name: 'Gelb' }, { name_key: 'gelb' }])
      await expect(
        within((db) => db.query(Label).updateTable('labels').set(values).execute()),
      ).rejects.toThrow('derived')
  })

  test('what is unique by it is refused in the name of its source', async () => {
    await within((db) => db(Label).create({ name: 'Blau' }))
    await expect(within((db) => db(Label).create({ name: 'BLAU' }))).rejects.toMatchObject({
      kind: { code: 'conflict' },
      errors: [{ path: 'name', code: 'taken' }],
    })
  })

  test('a search by it takes signs for themselves and letters of any case', async () => {
    await within((db) => db(Label).createMany([{ name: '100% Ös_t' }, { name: '100 Oest' }]))
    const found = async (search: string) =>
      (await reading()(Label).list({ search, searchIn: ['name_key'] })).rows.map(({ name }) => name)
    const asked = async (part: string) => {
      const query = reading().query(Label).selectFrom('labels').select('name')
      const rows = await query.where((eb) => holdsText(eb.ref('name_key'), part)).execute()
      return rows.map(({ name }) => name)
    }
    for (const part of ['0% ö', 'ös_t', '%', '_'])
      expect([part, await found(part), await asked(part)]).toEqual([
        part,
        ['100% Ös_t'],
        ['100% Ös_t'],
      ])
    expect(await found('ÖS')).toEqual(['100% Ös_t'])
    for (const part of ['\\', '!', '1_0']) expect([part, await asked(part)]).toEqual([part, []])
  })

  test('the trail leaves it out, and an undo derives it anew', async () => {
    const { id } = await within((db) => db(Label).create({ name: 'Braun' }))
    await within((db) => db(Label).change(id, { name: 'BRONZE' }))
    const own = (await entries('label')).filter((entry) => entry.row_id === id)
    expect(own).toHaveLength(2)
    for (const { after } of own) expect(after).not.toContain('name_key')
    await database.write('undo', (executor) =>
      undo(bindSystem(database, { ...binding, executor }), { entryId: own[1]?.id ?? '' }),
    )
    expect(await reading()(Label).get(id)).toMatchObject({ name: 'Braun', name_key: 'braun' })
    await within((db) => db(Label).remove(id))
    const removal = (await entries('label')).findLast((entry) => entry.row_id === id)
    await database.write('undo', (executor) =>
      undo(bindSystem(database, { ...binding, executor }), { entryId: removal?.id ?? '' }),
    )
    expect(await reading()(Label).get(id)).toMatchObject({ name: 'Braun', name_key: 'braun' })
  })

  test('rows of an insert-only model are added, and only an undo takes them away', async () => {
    const { id } = await within((db) => db(Line).create({ text: 'One' }))
    const ways: ((db: BoundRepositories) => Promise<unknown>)[] = [
      (db) => db(Line).change(id, { text: 'Two' }),
      (db) => db(Line).changeMany({ id }, { text: 'Two' }),
      (db) => db(Line).put({ id }, { text: 'Two' }),
      (db) => db(Line).remove(id),
      (db) => db(Line).removeMany({ id }),
      (db) => db.query(Line).updateTable('lines').set({ text: 'Two' }).execute(),
      (db) => db.query(Line).deleteFrom('lines').execute(),
    ]
    for (const way of ways) await expect(within(way)).rejects.toThrow('only ever added')
    const [entry] = await entries('line')
    await database.write('undo', (executor) =>
      undo(bindSystem(database, { ...binding, executor }), { entryId: entry?.id ?? '' }),
    )
    expect(await reading()(Line).count()).toBe(0)
  })

  test('where only some rows are audited, the others leave nothing', async () => {
    const mine = await within((db) => db(Hold).create({ by: 'ada', place: 1 }))
    await within((db) => db(Hold).change(mine.id, { place: 2 }))
    await within((db) => db(Hold).remove(mine.id))
    expect(await entries('hold')).toEqual([])
    const free = await within((db) => db(Hold).create({ place: 3 }))
    await within((db) => db(Hold).change(free.id, { by: 'ada' }))
    await within((db) => db(Hold).removeMany({ place: 3 }))
    expect((await entries('hold')).map(({ action }) => action)).toEqual(['create', 'change'])
  })
})
