import { expect, test } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTables } from '#kit/migrate'
import { folder, forget, open, removeAll } from '../dialect/sqlite/fixture/opened.ts'
import { asking, Box } from './fixture/trail.ts'
import { verifyAudit } from './verify-audit.ts'

/** A closed database file with entries of five boxes, and where the values of the third one stand in it. */
async function makeFile() {
  const file = join(folder(), 'a.db')
  const database = open(file)
  await createTables(database, [Box])
  const { add, entries, ask } = asking(() => database)
  for (const id of [1, 2, 3, 4, 5]) await add(id)
  const [, , third = {}] = await entries()
  const columns = (await ask("SELECT name FROM pragma_table_info('plinth_audit')")).map(
    ({ name }) => String(name),
  )
  await database.close()
  forget(database)
  const bytes = readFileSync(file)
  const values = columns.map((name) => ({ name, bytes: toBytes(third[name]) }))
  let offset = bytes.indexOf(Buffer.concat(values.map((value) => value.bytes)))
  expect(offset).toBeGreaterThan(0)
  const places = values.flatMap(({ name, bytes: { length } }) => {
    offset += length
    return length > 0 ? [{ name, last: offset - 1 }] : []
  })
  return { file, bytes, places, id: String(third['id']) }
}

/** As a record holds it: https://sqlite.org/fileformat2.html#record_format */
function toBytes(value: unknown): Buffer {
  if (value === null) return Buffer.alloc(0)
  return typeof value === 'number' ? Buffer.from([value]) : Buffer.from(String(value))
}

test('one byte changed in the file of a database: the entry is named, whichever column it is of', async () => {
  const { file, bytes, places, id } = await makeFile()
  expect(places.length).toBeGreaterThan(12)
  for (const { name, last } of places) {
    const changed = Buffer.from(bytes)
    changed[last] = (changed[last] ?? 0) ^ 4
    writeFileSync(file, changed)
    const database = open(file)
    const { faults } = await verifyAudit(database)
    const [first, ...others] = faults
    expect({ name, kind: first?.kind, seq: first?.seq }).toEqual({ name, kind: 'altered', seq: 3 })
    if (name !== 'id') expect(first?.id).toBe(id)
    // One whose chain is not known stands in none as well.
    expect(others.filter(({ seq }) => seq !== 3)).toEqual([])
    await database.close()
    forget(database)
  }
  await removeAll()
})
