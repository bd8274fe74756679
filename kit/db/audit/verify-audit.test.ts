import { beforeEach, describe, expect, test } from 'bun:test'
import { eachDialect } from '#kit/testing'
import type { ColumnRow, Database } from '../types.ts'
import { entryColumns, hashOf, nextEntry } from './audit-entry.ts'
import { asking, Box, draftOf } from './fixture/trail.ts'
import { type AuditReport, verifyAudit } from './verify-audit.ts'

const other = '018f0000-0000-7000-8000-00000000beef'

/** Another value for each column of an entry. */
const alterations: Readonly<Record<(typeof entryColumns)[number], string>> = {
  chain: `'${other}'`,
  seq: '30',
  unit_seq: '2',
  id: `'${other}'`,
  created_at: "'2026-03-08T09:30:00.004Z'",
  updated_at: "'2026-03-08T09:30:00.004Z'",
  actor_id: 'NULL',
  session_id: `'018f0000-0000-7000-8000-00000000ada2'`,
  request_id: "'request-4'",
  operation: "'box.adt'",
  action: "'change'",
  model: "'boy'",
  row_id: "'4'",
  before: "'{}'",
  after: "replace(after, 'label', 'lavel')",
  undoes: `'${other}'`,
  hash: `'${'0'.repeat(64)}'`,
}

eachDialect('plinth audit verify', (dialect) => {
  let database: Database
  let before: ColumnRow[]
  let ids: string[]
  const { entries, chains, add, ask } = asking(() => database)

  beforeEach(async () => {
    database = await dialect.open([Box])
    for (const id of [1, 2, 3, 4]) await add(id)
    await add(5, 6)
    before = await entries()
    ids = before.map(({ id }) => String(id))
  })

  /** As somebody who may do anything to the database. */
  const tamper = (...statements: string[]) =>
    database.exclusively(async (executor) => {
      const guards =
        dialect.name === 'sqlite'
          ? ['update', 'delete'].map((on) => `DROP TRIGGER plinth_audit_append_only_${on}`)
          : ['ALTER TABLE plinth_audit DISABLE TRIGGER USER']
      for (const statement of [...guards, ...statements]) await executor.execute(statement)
    })
  const faults = async () => {
    const { faults: listed, faultCount } = await verifyAudit(database)
    expect(faultCount).toBe(listed.length)
    return listed.map(({ kind, seq, id }) => [kind, seq, id])
  }
  const insert = (values: readonly unknown[]) =>
    `INSERT INTO plinth_audit (${entryColumns.map((name) => `"${name}"`)}) VALUES (${values.map((value) => (value === null ? 'NULL' : typeof value === 'number' ? value : `'${value}'`))})`

  test('holds of what was written, and says how far it is', async () => {
    const told: unknown[] = []
    const report: AuditReport = await verifyAudit(database, (progress) => told.push(progress))
    const [chain] = await chains()
    expect(report).toEqual({
      entries: 6,
      heads: [{ id: String(chain?.['id']), seq: 6, hash: String(chain?.['hash']) }],
      faults: [],
      faultCount: 0,
    })
    expect(told.at(-1)).toEqual({ entries: 6, total: 6 })
  })

  describe('names an entry of which is altered', () => {
    const ordinary = entryColumns.filter((name) => !['chain', 'seq', 'id'].includes(name))
    test.each(ordinary)('%s', async (name) => {
      await tamper(`UPDATE plinth_audit SET "${name}" = ${alterations[name]} WHERE seq = 3`)
      expect(await entries()).not.toEqual(before)
      expect(await faults()).toEqual([['altered', 3, ids[2]]])
    })

    test('id', async () => {
      await tamper(`UPDATE plinth_audit SET id = ${alterations.id} WHERE seq = 3`)
      expect(await faults()).toEqual([['altered', 3, other]])
    })

    test('seq', async () => {
      await tamper(`UPDATE plinth_audit SET seq = ${alterations.seq} WHERE seq = 3`)
      expect(await faults()).toEqual([
        ['missing', 3, undefined],
        ['inserted', 30, ids[2]],
      ])
    })

    test('chain', async () => {
      await tamper(`UPDATE plinth_audit SET chain = ${alterations.chain} WHERE seq = 3`)
      expect(await faults()).toEqual([
        ['missing', 3, undefined],
        ['inserted', 3, ids[2]],
      ])
    })

    test.each([1, 6])('the row, being entry %p', async (seq) => {
      await tamper(`UPDATE plinth_audit SET row_id = 'x' WHERE seq = ${seq}`)
      expect(await faults()).toEqual([['altered', seq, ids[seq - 1]]])
    })
  })

  test('names each of several that are altered', async () => {
    await tamper("UPDATE plinth_audit SET row_id = 'x' WHERE seq IN (2, 3, 5)")
    expect(await faults()).toEqual([
      ['altered', 2, ids[1]],
      ['altered', 3, ids[2]],
      ['altered', 5, ids[4]],
    ])
  })

  test.each([
    [1, 1],
    [3, 3],
    [2, 4],
    [6, 6],
    [1, 6],
  ])('names entries %d to %d where they are gone', async (from, to) => {
    await tamper(`DELETE FROM plinth_audit WHERE seq BETWEEN ${from} AND ${to}`)
    expect(await faults()).toEqual([['missing', from, undefined]])
  })

  test('names both of two that were swapped', async () => {
    await tamper(
      'UPDATE plinth_audit SET seq = 99 WHERE seq = 3',
      'UPDATE plinth_audit SET seq = 3 WHERE seq = 4',
      'UPDATE plinth_audit SET seq = 4 WHERE seq = 99',
    )
    expect(await faults()).toEqual([
      ['altered', 3, ids[3]],
      ['altered', 4, ids[2]],
    ])
  })

  test('names an entry that was put in between, where another was', async () => {
    const [, , third] = before
    const values = entryColumns.map((name) => (name === 'id' ? other : (third?.[name] ?? null)))
    await tamper('DELETE FROM plinth_audit WHERE seq = 3', insert(values))
    expect(await faults()).toEqual([['altered', 3, other]])
  })

  test('names an entry that was put behind the newest, be its hash right', async () => {
    const [chain] = await chains()
    const head = { id: String(chain?.['id']), seq: 6, hash: String(chain?.['hash']) }
    const { values } = nextEntry(head, { name: 'x', seq: 7 }, draftOf(9, { after: null }))
    await tamper(insert(values))
    expect(await faults()).toEqual([['inserted', 7, String(values[3])]])
  })

  test('names the one after an entry that was written anew with a hash that fits', async () => {
    const [, second, third] = before
    const values = entryColumns
      .slice(0, -1)
      .map((name) => (name === 'row_id' ? 'x' : (third?.[name] ?? null)))
    const hash = hashOf(String(second?.['hash']), values)
    await tamper(`UPDATE plinth_audit SET row_id = 'x', hash = '${hash}' WHERE seq = 3`)
    expect(await faults()).toEqual([['altered', 4, ids[3]]])
    const { faults: listed } = await verifyAudit(database)
    expect(listed[0]?.text).toContain('or the one before it was written anew')
  })

  test.each([
    ['seq = 5', [['inserted', 6]]],
    ['seq = 7', [['missing', 7]]],
    [`hash = '${'1'.repeat(64)}'`, [['head', 6]]],
    [`pruned_hash = '${'1'.repeat(64)}'`, [['altered', 1]]],
    [
      'pruned_seq = 1',
      [
        ['altered', 2],
        ['inserted', 1],
      ],
    ],
  ])('finds a chain of which was altered: %s', async (alteration, expected) => {
    await tamper(`UPDATE plinth_audit_chains SET ${alteration}`)
    const found = await faults()
    for (const [kind, seq] of expected)
      expect(found.map((fault) => fault.slice(0, 2))).toContainEqual([kind, seq])
  })

  test('finds entries whose chain is gone', async () => {
    await tamper('DELETE FROM plinth_audit_chains')
    expect(await faults()).toEqual(ids.map((id, place) => ['inserted', place + 1, id]))
  })

  test('after tampering what is written goes on, and the fault stays to be found', async () => {
    const [chain] = await chains()
    const head = { id: String(chain?.['id']), seq: 6, hash: String(chain?.['hash']) }
    const { values } = nextEntry(head, { name: 'x', seq: 7 }, draftOf(9, { after: null }))
    await tamper(insert(values))
    // On PostgreSQL the first one finds that its chain is not what it was.
    await add(7).catch((error) => expect(error.kind.code).toBe('unavailable'))
    await add(8)
    expect(await faults()).toEqual([['inserted', 7, String(values[3])]])
    expect(await ask('SELECT id FROM plinth_audit_chains')).toHaveLength(2)
  })

  test('holds while others write and prune', async () => {
    let isOver = false
    const writing = (async () => {
      for (let id = 100; !isOver; id += 1) await add(id)
    })()
    const found: unknown[] = []
    for (let turn = 0; turn < 20; turn += 1) found.push(...(await faults()))
    isOver = true
    await writing
    expect(found).toEqual([])
    expect((await verifyAudit(database)).entries).toBeGreaterThan(6)
  })
})
