import { expect, test } from 'bun:test'
import { bindSystem } from '#kit/db'
import { anonymous } from '#kit/model'
import { eachDialect } from '#kit/testing'
import { depot, Parcel, Person, Tag } from './fixture/depot.ts'
import { readStats, statsSchema } from './stats.ts'

eachDialect('stats', (dialect) => {
  test('are counts of one statement, by name and by member', async () => {
    const database = await dialect.open([...depot.models])
    const statements: string[] = []
    const bind = (executor: Parameters<typeof bindSystem>[1]['executor']) =>
      bindSystem(database, { executor, actor: anonymous, nowMs: () => 0 })
    const counted = bind({
      ...database.reader,
      execute: (sql, values) => {
        statements.push(sql)
        return database.reader.execute(sql, values)
      },
    })
    expect(await readStats(counted, depot.stats)).toEqual({
      total: 0,
      sent: 0,
      unweighed: 0,
      tags: { total: 0, hot: 0 },
    })
    await database.write('fill', async (unit) => {
      const rows = bind(unit)
      const { id } = await rows(Person).create({ name: 'Ada' })
      const parcel = await rows(Parcel).create({ person_id: id, label: 'a', weight: 2 })
      await rows(Parcel).create({ person_id: id, label: 'b', state: 'sent' })
      await rows(Parcel).remove(parcel.id)
      await rows(Tag).create({ name: 'x', is_hot: true })
      await rows(Tag).create({ name: 'y', is_hot: true, parcel_id: parcel.id })
    })
    const stats = await readStats(counted, depot.stats)
    expect(stats).toEqual({ total: 2, sent: 1, unweighed: 1, tags: { total: 2, hot: 1 } })
    expect(statsSchema(depot.stats).parse(stats)).toEqual(stats)
    expect(statements).toHaveLength(2)
  })

  test('of nothing are nothing', async () => {
    const database = await dialect.open([])
    const rows = bindSystem(database, {
      executor: database.reader,
      actor: anonymous,
      nowMs: () => 0,
    })
    expect(await readStats(rows, [])).toEqual({})
  })
})
