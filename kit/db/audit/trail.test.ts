import { beforeEach, describe, expect, test } from 'bun:test'
import { type Field, fieldKinds } from '#kit/model'
import { eachDialect } from '#kit/testing'
import type { Database } from '../types.ts'
import { entryColumns, hashOf, noHash } from './audit-entry.ts'
import { AuditEntry } from './audit-models.ts'
import { asking, Box, draftOf } from './fixture/trail.ts'

test('an entry has a value for every field of its model', () => {
  expect([...entryColumns].sort() as string[]).toEqual(Object.keys(AuditEntry.fields).sort())
  const kinds = Object.values(AuditEntry.fields).map((field: Field) => field.spec.use.kind)
  // Values are stored as they are: none of these kinds has another form in a column.
  expect(kinds.filter((kind) => kind.encode || !fieldKinds[kind.name])).toEqual([])
})

eachDialect('the audit trail', (dialect) => {
  let database: Database
  beforeEach(async () => {
    database = await dialect.open([Box])
  })
  const { entries, chains, boxes, add, ask } = asking(() => database)

  test('holds an entry as it was told, with the hash of all that stands in it', async () => {
    await add(7)
    const [entry, ...others] = await entries()
    expect(others).toEqual([])
    const { id, chain, hash, ...rest } = entry ?? {}
    expect(rest).toEqual({
      seq: 1,
      unit_seq: 1,
      actor_id: '018f0000-0000-7000-8000-00000000ada0',
      session_id: '018f0000-0000-7000-8000-00000000ada1',
      request_id: 'request-7',
      operation: 'box.add',
      action: 'create',
      model: 'box',
      row_id: '7',
      before: null,
      after: JSON.stringify(draftOf(7).after),
      undoes: null,
      created_at: '2026-03-08T09:30:00.007Z',
      updated_at: '2026-03-08T09:30:00.007Z',
    })
    expect(String(id)).toMatch(/^[0-9a-f-]{36}$/)
    const values = entryColumns.slice(0, -1).map((name) => entry?.[name])
    expect(hash).toBe(hashOf(noHash, values))
    expect(await chains()).toMatchObject([{ id: chain, seq: 1, hash, pruned_seq: 0 }])
  })

  test('takes values as hard as they come', async () => {
    await database.write('hard', (unit) =>
      unit.record(
        draftOf(1, {
          actorId: null,
          sessionId: null,
          requestId: '"]}\\ é ☕',
          rowId: "'; --",
          action: 'change',
          before: { label: null, data: [1.5, { a: 'b' }] },
          after: { label: '\u0000 \\u0000', data: 'x'.repeat(3_000_000) },
          undoes: '018F0000-0000-7000-8000-00000000ADA0',
        }),
      ),
    )
    const [entry] = await entries()
    expect(entry).toMatchObject({
      request_id: '"]}\\ é ☕',
      row_id: "'; --",
      before: '{"label":null,"data":[1.5,{"a":"b"}]}',
      undoes: '018f0000-0000-7000-8000-00000000ada0',
    })
    const values = entryColumns.slice(0, -1).map((name) => entry?.[name])
    expect(entry?.['hash']).toBe(hashOf(noHash, values))
  })

  test('numbers the entries of a chain, and says which are of one unit', async () => {
    await add(1)
    await add(2, 3, 4)
    await database.write('nothing', () => {})
    await add(5)
    const numbers = (await entries()).map(({ seq, unit_seq }) => [seq, unit_seq])
    expect(numbers).toEqual([
      [1, 1],
      [2, 2],
      [3, 2],
      [4, 2],
      [5, 5],
    ])
    expect(await chains()).toMatchObject([{ seq: 5, hash: (await entries()).at(-1)?.['hash'] }])
  })

  test('a unit of many entries stores them in portions, and all or none', async () => {
    const many = Array.from({ length: 1234 }, (_, n) => n + 1)
    const failed = database.write('box.add', async (unit) => {
      for (const id of many) await unit.record(draftOf(id))
      throw new Error('no')
    })
    expect(await failed.catch((error: Error) => error.message)).toBe('no')
    expect(await entries()).toEqual([])
    await database.write('box.add', async (unit) => {
      for (const id of many) await unit.record(draftOf(id))
    })
    const stored = await entries()
    expect(stored.map(({ seq }) => seq)).toEqual(many)
    expect(new Set(stored.map(({ unit_seq }) => unit_seq))).toEqual(new Set([1]))
    await add(9)
    expect((await entries()).at(-1)).toMatchObject({ seq: 1235, unit_seq: 1235 })
  })

  test('no entry without its write, no write without its entry, whoever fails among those that come together', async () => {
    const units = Array.from({ length: 40 }, (_, n) =>
      database.write('box.add', async (unit) => {
        await addTo(unit, n)
        if (n % 3 === 0) throw new Error('no')
        if (n % 7 === 0) await addTo(unit, n)
      }),
    )
    const addTo = async (unit: Parameters<Parameters<Database['write']>[1]>[0], id: number) => {
      await unit.execute(
        `INSERT INTO boxes (id, label, created_at, updated_at) VALUES (${id}, 'x', '2026-03-08T09:30:00.000Z', '2026-03-08T09:30:00.000Z')`,
      )
      await unit.record(draftOf(id))
    }
    const outcomes = await Promise.allSettled(units)
    const told = outcomes.flatMap(({ status }, n) => (status === 'fulfilled' ? [n] : []))
    expect(told).toHaveLength(22)
    expect(await boxes()).toEqual(told)
    const rows = (await entries()).map(({ row_id }) => Number(row_id))
    expect(rows.sort((a, b) => a - b)).toEqual(told)
    for (const { id, seq } of await chains()) {
      const [held] = await ask(
        `SELECT count(*) AS n, max(seq) AS last FROM plinth_audit WHERE chain = '${id}'`,
      )
      expect(held).toEqual({ n: seq, last: seq })
    }
  })

  describe('the database refuses', () => {
    const attempts = {
      'a change': "UPDATE plinth_audit SET row_id = '9'",
      'a change that changes nothing': 'UPDATE plinth_audit SET row_id = row_id WHERE seq = 2',
      'a deletion': 'DELETE FROM plinth_audit WHERE seq = 3',
      'a deletion of all': 'DELETE FROM plinth_audit',
      ...(dialect.name === 'sqlite'
        ? { 'a replacement': 'INSERT OR REPLACE INTO plinth_audit SELECT * FROM plinth_audit' }
        : { 'an emptying': 'TRUNCATE plinth_audit' }),
    }
    test.each(Object.entries(attempts))('%s', async (_, sql) => {
      await add(1, 2, 3)
      const refusal = await database.write('tamper', (unit) => unit.execute(sql)).catch((e) => e)
      expect(String(refusal.cause.message)).toContain('Rows of plinth_audit are only ever added.')
      expect(await entries()).toHaveLength(3)
      await database.write('prune', (unit) =>
        unit.execute('UPDATE plinth_audit_chains SET pruned_seq = 2'),
      )
      await database.write('prune', (unit) =>
        unit.execute('DELETE FROM plinth_audit WHERE seq <= 2'),
      )
      const last = database.write('prune', (unit) => unit.execute('DELETE FROM plinth_audit'))
      await expect(last).rejects.toThrow()
      expect(await entries()).toHaveLength(1)
    })
  })
})
