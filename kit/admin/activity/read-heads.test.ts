import { expect, test } from 'bun:test'
import { AuditChain, type AuditDraft, AuditEntry, bindSystem, type Database } from '#kit/db'
import { anonymous } from '#kit/model'
import { eachDialect } from '#kit/testing'
import { depot, Tag } from '../fixture/depot.ts'
import { queryOf } from './entries.ts'
import { readHeads } from './read-heads.ts'

eachDialect('the first entries of units', (dialect) => {
  const bind = (database: Database, executor: Database['reader'], nowMs: number) =>
    bindSystem(database, { executor, actor: anonymous, nowMs: () => nowMs })

  /** Units of these many writes, each a millisecond after the one before, or all at once. */
  async function write(database: Database, sizes: readonly number[], stepMs: number) {
    for (const [at, size] of sizes.entries())
      await database.write(`size ${size}`, async (unit) => {
        const tags = bind(database, unit, Date.UTC(2026, 0, 1) + at * stepMs)(Tag)
        for (let each = 0; each < size; each += 1) await tags.create({ name: `${at} ${each}` })
      })
  }

  for (const [name, stepMs] of [
    ['one after the other', 1],
    ['in one moment', 0],
  ] as const)
    test(`are the same through windows of any size: ${name}`, async () => {
      const database = await dialect.open([...depot.models, AuditEntry, AuditChain])
      await write(database, [1, 7, 1, 1, 40, 2, 1, 23, 1], stepMs)
      const query = queryOf(bind(database, database.reader, 0))
      const filter = { sources: [] }
      const whole = await readHeads(query, filter, { after: undefined, limit: 50, window: 1000 })
      expect(whole).toHaveLength(9)
      for (const window of [1, 2, 3, 5, 8, 50])
        for (const limit of [1, 3, 50]) {
          const found = await readHeads(query, filter, { after: undefined, limit, window })
          expect([window, limit, found]).toEqual([window, limit, whole.slice(0, limit)])
          const [first] = whole
          const after = first && { at: first.created_at, id: first.id }
          expect(await readHeads(query, filter, { after, limit, window })).toEqual(
            whole.slice(1, limit + 1),
          )
        }
      const none = { sources: [{ operations: [], otherThan: [], models: [], actions: [] }] }
      expect(await readHeads(query, none, { after: undefined, limit: 5, window: 2 })).toEqual([])
    })

  test('are found between the entries of a large unit', async () => {
    const database = await dialect.open([...depot.models, AuditEntry, AuditChain])
    const draft = (at: number): AuditDraft => ({
      actorId: null,
      sessionId: null,
      requestId: null,
      atMs: Date.UTC(2026, 0, 1) + at,
      action: 'create',
      model: 'tag',
      rowId: String(at),
      before: null,
      after: {},
      undoes: null,
    })
    // A unit whose entries lie far apart in time, and small ones between them.
    await database.write('large', async (unit) => {
      for (let at = 0; at < 30; at += 1) await unit.record(draft(at * 10))
    })
    for (const at of [15, 105, 225])
      await database.write('small', async (unit) => unit.record(draft(at)))
    const query = queryOf(bind(database, database.reader, 0))
    for (const window of [1, 2, 4, 100]) {
      const page = { after: undefined, limit: 10, window }
      const found = await readHeads(query, { sources: [] }, page)
      expect(found.map(({ operation }) => operation)).toEqual(['small', 'small', 'small', 'large'])
    }
  })
})
