import { describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { bindSystem } from '#kit/db'
import { anonymous, defineModel, f } from '#kit/model'
import { eachDialect } from './each-dialect.ts'

const Thing = defineModel('thing', {
  access: { read: 'anyone', write: 'admin' },
  fields: { name: f.text({ max: 20 }) },
})

const files: string[] = []

eachDialect('a database for tests', (dialect) => {
  test('has the tables of its models, empty, and none of another', async () => {
    const [first, second] = [await dialect.open([Thing]), await dialect.open([Thing])]
    await first.write('fill', (unit) =>
      bindSystem(first, { executor: unit, actor: anonymous, nowMs: () => 0 })(Thing).create({
        name: 'a',
      }),
    )
    const count = (database: typeof first) =>
      bindSystem(database, { executor: database.reader, actor: anonymous, nowMs: () => 0 })(
        Thing,
      ).count()
    expect([await count(first), await count(second)]).toEqual([1, 0])
  })

  test('may be closed by the test', async () => {
    const database = await dialect.open([Thing])
    await database.close()
  })

  test('is made where nothing is yet', async () => {
    const { config } = await dialect.create()
    if ('file' in config) files.push(config.file)
  })
})

describe('afterwards', () => {
  test('nothing of it is left', () => {
    expect(files.length).toBeGreaterThan(0)
    expect(files.filter((file) => existsSync(file.replace(/\/[^/]*$/, '')))).toEqual([])
  })
})
