import { expect, test } from 'bun:test'
import { createTables } from '#kit/migrate'
import { draftOf } from '../../audit/fixture/trail.ts'
import { verifyAudit } from '../../audit/verify-audit.ts'
import type { Database, Unit } from '../../types.ts'
import { onPostgres } from './fixture/on-postgres.ts'

onPostgres('the audit trail', ({ open }) => {
  const openWithTrail = async (options: Parameters<typeof open>[1] = {}) => {
    const opened = await open({ poolMax: 8 }, options)
    await createTables(opened.database, [])
    return opened
  }
  const add = (id: number) => async (unit: Unit) => {
    await unit.execute(`INSERT INTO t (id, n) VALUES (${id}, 0)`)
    await unit.record(draftOf(id))
  }
  const countOf = async (database: Database, table: string) =>
    Number((await database.reader.execute(`SELECT count(*) AS n FROM ${table}`))[0]?.['n'])

  test('has a chain for each unit that runs at a time, and no more', async () => {
    const { database } = await openWithTrail()
    const both = Promise.withResolvers<void>()
    let arrived = 0
    const meet = (id: number) => async (unit: Unit) => {
      await add(id)(unit)
      arrived += 1
      if (arrived === 2) both.resolve()
      await both.promise
    }
    await Promise.all([database.write('one', meet(1)), database.write('two', meet(2))])
    for (const id of [3, 4, 5]) await database.write('more', add(id))
    expect(await countOf(database, 'plinth_audit_chains')).toBe(2)
    expect(await verifyAudit(database)).toMatchObject({ entries: 5, faultCount: 0 })
  })

  test('lets nobody stand in the way of another: units of other rows are run once', async () => {
    const { database } = await openWithTrail()
    let runs = 0
    const counted = (id: number) => (unit: Unit) => {
      runs += 1
      return add(id)(unit)
    }
    const ids = Array.from({ length: 200 }, (_, id) => id)
    await Promise.all(ids.map((id) => database.write('add', counted(id))))
    expect(runs).toBe(200)
    expect(await countOf(database, 'plinth_audit_chains')).toBeLessThanOrEqual(8)
    expect(await verifyAudit(database)).toMatchObject({ entries: 200, faultCount: 0 })
  })

  test('is as it was after units that failed, collided or were cut', async () => {
    const { database, cut } = await openWithTrail()
    await database.write('first', add(0))
    const add1 = (unit: Unit) => unit.execute('UPDATE t SET n = n + 1 WHERE id = 0')
    const units = Array.from({ length: 30 }, (_, n) =>
      database.write('collide', async (unit) => {
        await add1(unit)
        await add(n + 1)(unit)
        if (n % 5 === 0) throw new Error('no')
      }),
    )
    const outcomes = await Promise.allSettled(units)
    const kept = outcomes.filter(({ status }) => status === 'fulfilled').length
    expect(kept).toBe(24)
    await cut()
    await database.write('last', add(99))
    expect(await countOf(database, 't')).toBe(kept + 2)
    expect(await verifyAudit(database)).toMatchObject({ entries: kept + 2, faultCount: 0 })
  })

  test('a unit that says that it needs longer may', async () => {
    const { database } = await openWithTrail({ unitMs: 50 })
    const slow = async (unit: Unit) => {
      await unit.execute('SELECT pg_sleep(0.3)')
      await add(1)(unit)
    }
    const refusal = await database.write('slow', slow).catch((error) => error.kind.code)
    expect(refusal).toBe('unavailable')
    await database.write('slow', slow, { limitMs: 5000 })
    expect(await verifyAudit(database)).toMatchObject({ entries: 1, faultCount: 0 })
  })
})
