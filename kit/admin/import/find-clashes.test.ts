import { expect, test } from 'bun:test'
import { nameKey } from '#kit/core'
import type { ImportRow } from '#kit/csv'
import { bindSystem } from '#kit/db'
import { anonymous, defineModel, f } from '#kit/model'
import { eachDialect } from '#kit/testing'
import { findClashes } from './find-clashes.ts'

const Label = defineModel('label', {
  access: { read: 'admin', write: 'admin' },
  fields: {
    name: f.text({ max: 20, trim: true, compose: true }),
    name_key: f.derived('name', nameKey),
    shelf: f.choice(['a', 'b']),
  },
  indexes: [{ fields: ['shelf', 'name_key'], unique: true }],
})

eachDialect('rows of a file whose names are unique whatever their case', (dialect) => {
  test('clash with rows that are there, and with each other, under the name of the source', async () => {
    const database = await dialect.open([Label])
    const binding = { actor: anonymous, nowMs: () => 0 }
    await database.write('test', (executor) =>
      bindSystem(database, { ...binding, executor })(Label).create({ name: 'ÉTÉ', shelf: 'a' }),
    )
    const rows = ['été', 'Hiver', 'HIVER', 'Automne'].map(
      (name, at): ImportRow => ({ line: at + 2, input: { name, shelf: 'a' } }),
    )
    const repositories = bindSystem(database, { ...binding, executor: database.reader })
    const faults = await findClashes({ repositories, model: Label, rows })
    expect(faults.map(({ path, code }) => `${path} ${code}`)).toEqual([
      'line.4.shelf+name taken',
      'line.2.shelf+name taken',
    ])
  })
})
