import { Database as Sqlite } from 'bun:sqlite'
import { afterEach, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { Database } from '../../types.ts'
import { add, folder, open, openWithTable, removeAll } from './fixture/opened.ts'

afterEach(removeAll)

describe('the reader', () => {
  const count = async (database: Database) =>
    (await database.reader.execute('SELECT count(*) AS n FROM t'))[0]?.['n']

  test('sees a commit of its own process at once, in the same turn of the loop', async () => {
    const database = await openWithTable()
    const seen: unknown[] = []
    seen.push(await count(database))
    await database.write('one', add(1)).then(async () => seen.push(await count(database)))
    seen.push(await count(database))
    await database.exclusively((executor) => executor.execute('DELETE FROM t'))
    seen.push(await count(database))
    expect(seen).toEqual([0, 1, 1, 0])
  })

  test('reads one snapshot within a turn, and what another process has committed in the next', async () => {
    const file = join(folder(), 'a.db')
    const one = open(file)
    await one.exclusively((executor) => executor.execute('CREATE TABLE t (n INTEGER)'))
    const other = new Sqlite(file)
    const before = await count(one)
    other.run('INSERT INTO t (n) VALUES (1)')
    const within = await count(one)
    await new Promise((resolve) => setImmediate(resolve))
    expect([before, within, await count(one)]).toEqual([0, 0, 1])
    other.close()
  })

  test('goes on after a statement that fails', async () => {
    const database = await openWithTable()
    expect(() => database.reader.execute('SELECT * FROM nowhere')).toThrow('nowhere')
    expect(await count(database)).toBe(0)
  })

  test('refuses to write', async () => {
    const database = await openWithTable()
    expect(() => database.reader.execute('INSERT INTO t (n) VALUES (1)')).toThrow()
    await database.write('one', add(1))
    expect(await count(database)).toBe(1)
  })
})
