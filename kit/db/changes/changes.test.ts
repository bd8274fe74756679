import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createLog, type DatabaseConfig } from '#kit/core'
import {
  type Binding,
  bindRepositories,
  bindSystem,
  type Database,
  openDatabase,
  type RowChange,
} from '#kit/db'
import { createTables } from '#kit/migrate'
import { type Actor, anonymous, defineModel, f } from '#kit/model'
import { eachDialect, onDialect } from '#kit/testing'

const User = defineModel('user', {
  owner: { field: 'id' },
  access: { read: 'owner', write: 'owner' },
  fields: { name: f.text({ max: 20 }) },
})
const Note = defineModel('note', {
  id: f.serial(),
  owner: { field: 'user_id', of: User },
  access: { read: 'owner', write: 'owner' },
  softDelete: true,
  fields: { title: f.text({ max: 20 }), reads: f.integer().default(0).untracked() },
})
const Mark = defineModel('mark', {
  access: { read: 'user', write: 'user' },
  audit: false,
  fields: { name: f.text({ max: 20 }) },
})
const Hidden = defineModel('plinth_hidden', {
  access: { read: 'admin', write: 'admin' },
  fields: { name: f.text({ max: 20 }) },
})
const models = [User, Note, Mark, Hidden]
const ann: Actor = {
  id: '019b76da-a800-7000-8000-00000000000a',
  role: 'user',
  sessionId: null,
}

/** What a watcher was told, in order; a gap is 'gap'. */
async function watch(database: Database) {
  const told: (RowChange | 'gap')[] = []
  const ids: string[] = []
  let wake = () => {}
  const watching = await database.watch({
    onCommitted: ({ id, changes }) => {
      ids.push(...changes.map(() => id))
      told.push(...changes)
      wake()
    },
    onGap: () => {
      told.push('gap')
      wake()
    },
  })
  const until = async (count: number) => {
    while (told.length < count) await new Promise<void>((resolve) => (wake = resolve))
    return told.splice(0)
  }
  return { until, told, ids, close: watching.close }
}

const bound = (executor: Binding['executor'], actor: Actor): Binding => ({
  executor,
  actor,
  nowMs: () => 0,
})

eachDialect('what units have committed', (dialect) => {
  let config: DatabaseConfig
  let database: Database
  let watched: Awaited<ReturnType<typeof watch>>
  const as = <T>(work: (db: ReturnType<typeof bindRepositories>) => Promise<T>, actor = ann) =>
    database.write('test', (unit) => work(bindRepositories(database, bound(unit, actor))))
  const asSystem = <T>(work: (db: ReturnType<typeof bindSystem>) => Promise<T>) =>
    database.write('test', (unit) => work(bindSystem(database, bound(unit, anonymous))))
  beforeAll(async () => {
    config = (await dialect.create()).config
    database = await openDatabase(config, { log: createLog('silent'), models })
    await createTables(database, models)
    await asSystem((db) => db(User).create({ id: String(ann.id), name: 'ann' }))
    watched = await watch(database)
  })
  afterAll(async () => {
    await watched.close()
    await database.close()
  })

  test('each write is told with who read the row before, in order', async () => {
    const note = await as((db) => db(Note).create({ title: 'one' }))
    await as((db) => db(Note).change(note.id, { title: 'two' }))
    await as((db) => db(Note).remove(note.id))
    await asSystem((db) => db(Note).remove(note.id, { forGood: true }))
    const before = (is_active: boolean) => ({ user_id: ann.id, is_active })
    expect(await watched.until(4)).toEqual([
      { model: 'note', action: 'create', id: note.id, before: undefined },
      { model: 'note', action: 'change', id: note.id, before: before(true) },
      { model: 'note', action: 'change', id: note.id, before: before(true) },
      { model: 'note', action: 'remove', id: note.id, before: before(false) },
    ])
    expect(new Set(watched.ids).size).toBe(4)
  })

  test('nothing of a unit that failed, of the kit, of untracked fields, of what did not change', async () => {
    const note = await as((db) => db(Note).create({ title: 'one' }))
    await asSystem((db) => db(Hidden).create({ name: 'hidden' }))
    await as((db) => db(Note).change(note.id, { reads: 3 }))
    await as((db) => db(Note).change(note.id, { title: 'one' }))
    const failed = as(async (db) => {
      await db(Note).create({ title: 'lost' })
      throw new Error('No.')
    })
    await expect(failed).rejects.toThrow('No.')
    await as((db) => db(Mark).create({ name: 'last' }))
    const told = (await watched.until(2)) as RowChange[]
    expect(told.map(({ model, action }) => [model, action])).toEqual([
      ['note', 'create'],
      ['mark', 'create'],
    ])
  })

  test('a hand-written statement that is not audited tells of its model alone', async () => {
    const mark = await as((db) => db(Mark).create({ name: 'a' }))
    await as((db) => db.query(Mark).updateTable('marks').set({ name: 'b' }).execute())
    await as((db) => db.query(Mark).deleteFrom('marks').where('name', '=', 'z').execute())
    await as((db) => db.query(Mark).deleteFrom('marks').execute())
    expect(await watched.until(3)).toEqual([
      { model: 'mark', action: 'create', id: mark.id, before: undefined },
      { model: 'mark', action: 'change', id: undefined, before: undefined },
      { model: 'mark', action: 'remove', id: undefined, before: undefined },
    ])
  })

  test('of very many rows in one unit it tells of their models alone', async () => {
    const titles = Array.from({ length: 1001 }, (_, at) => ({ title: `note ${at}` }))
    await as((db) => db(Note).createMany(titles.slice(1)))
    expect(await watched.until(1000)).toHaveLength(1000)
    await as((db) => db(Note).createMany(titles))
    expect(await watched.until(1)).toEqual([
      { model: 'note', action: 'create', id: undefined, before: undefined },
    ])
  })

  describe('by another process', () => {
    let other: Database
    beforeAll(async () => {
      other = await openDatabase(config, { log: createLog('silent'), models })
    })
    afterAll(() => other.close())

    test('is told', async () => {
      const note = await other.write('test', (unit) =>
        bindRepositories(other, bound(unit, ann))(Note).create({ title: 'theirs' }),
      )
      const change = { model: 'note', action: 'create', id: note.id, before: undefined }
      expect(await watched.until(1)).toEqual(
        dialect.name === 'sqlite' ? ['gap'] : [change as never],
      )
    })
  })
})

onDialect('postgres', 'a connection that listens', (dialect) => {
  test('opens anew where it is cut, and tells that something may have been missed', async () => {
    const database = await dialect.open(models)
    const watched = await watch(database)
    const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'plinth live'`
    await database.reader.execute(end)
    expect(await watched.until(1)).toEqual(['gap'])
    await database.write('test', (unit) =>
      bindSystem(database, bound(unit, anonymous))(Mark).create({ name: 'after' }),
    )
    expect(await watched.until(1)).toMatchObject([{ model: 'mark', action: 'create' }])
    await watched.close()
  })

  test('nothing is sent while nobody listens', async () => {
    const database = await dialect.open(models)
    const { SQL } = await import('bun')
    const { config } = await dialect.create()
    expect(config.dialect).toBe('postgres')
    const url = (await database.reader.execute('SELECT current_database() AS name'))[0]?.['name']
    const spy = new SQL(String('url' in config ? config.url : '').replace(/[^/]*$/, String(url)))
    const heard: string[] = []
    await spy.listen('plinth_live', (text) => heard.push(text))
    const create = () =>
      database.write('test', (unit) =>
        bindSystem(database, bound(unit, anonymous))(Mark).create({ name: 'x' }),
      )
    const heardUntil = async (text: string) => {
      await spy.notify('plinth_live', text)
      while (!heard.includes(text)) await new Promise((resolve) => setImmediate(resolve))
      return heard.splice(0)
    }
    await create()
    expect(await heardUntil('end')).toEqual(['end'])
    const watched = await watch(database)
    await heardUntil('begin')
    await create()
    await watched.until(1)
    expect(await heardUntil('end')).toHaveLength(2)
    await watched.close()
    await spy.close()
  })
})
