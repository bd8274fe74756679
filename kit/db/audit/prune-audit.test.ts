import { beforeEach, expect, test } from 'bun:test'
import { eachDialect } from '#kit/testing'
import type { Database } from '../types.ts'
import { asking, Box, draftOf, startMs } from './fixture/trail.ts'
import { pruneAudit } from './prune-audit.ts'
import { verifyAudit } from './verify-audit.ts'

eachDialect('pruning the audit trail', (dialect) => {
  let database: Database
  const { entries, chains, add } = asking(() => database)
  beforeEach(async () => {
    database = await dialect.open([Box])
  })

  const prune = (afterMs: number) => pruneAudit(database, { beforeMs: startMs + afterMs })
  const kept = async () => (await entries()).map(({ seq }) => Number(seq))
  const isSound = async () => expect((await verifyAudit(database)).faults).toEqual([])

  test('removes what is older, and what stays can be verified from the checkpoint on', async () => {
    for (const id of [1, 2, 3, 4, 5]) await add(id)
    const [, , third] = await entries()
    expect(await prune(4)).toBe(3)
    expect(await kept()).toEqual([4, 5])
    expect(await chains()).toMatchObject([
      { seq: 5, pruned_seq: 3, pruned_hash: String(third?.['hash']) },
    ])
    await isSound()
    await add(6)
    expect(await kept()).toEqual([4, 5, 6])
    expect(await prune(4)).toBe(0)
    await isSound()
  })

  test('removes no half of a unit: one whose last entry is young enough stays', async () => {
    await add(1)
    await add(2, 3, 4)
    await add(5)
    expect(await prune(4)).toBe(1)
    expect(await kept()).toEqual([2, 3, 4, 5])
    expect(await prune(5)).toBe(3)
    expect(await kept()).toEqual([5])
    await isSound()
  })

  test('removes all where all is old, and the next entry carries on', async () => {
    await add(1, 2)
    expect(await prune(100)).toBe(2)
    expect(await kept()).toEqual([])
    await isSound()
    await add(3)
    expect(await kept()).toEqual([3])
    await isSound()
  })

  test('keeps all behind the first that stays, though a clock went back', async () => {
    for (const id of [1, 50, 2, 3]) await add(id)
    expect(await prune(10)).toBe(1)
    expect(await kept()).toEqual([2, 3, 4])
  })

  test('removes units large and small in portions, and stops between two of them where it is told', async () => {
    const record = (count: number) =>
      database.write('many', async (unit) => {
        for (let id = 1; id <= count; id += 1) await unit.record(draftOf(1, { atMs: startMs }))
      })
    for (const count of [1500, 1500, 2500]) await record(count)
    for (const id of [1, 2]) await add(id)
    const told: number[] = []
    const controller = new AbortController()
    await pruneAudit(database, {
      beforeMs: startMs + 1,
      signal: controller.signal,
      onProgress: (pruned) => {
        told.push(pruned)
        controller.abort()
      },
    })
    expect(told).toEqual([3000])
    expect((await kept())[0]).toBe(3001)
    await isSound()
    expect(await prune(1)).toBe(2500)
    expect(await kept()).toEqual([5501, 5502])
    await isSound()
  })

  test('two that prune at the same time remove each entry once', async () => {
    for (let id = 1; id <= 30; id += 1) await add(id)
    const counts = await Promise.all([prune(21), prune(21), add(31), prune(26)])
    expect(counts.reduce<number>((sum, count) => sum + Number(count ?? 0), 0)).toBe(25)
    expect(await kept()).toEqual([26, 27, 28, 29, 30, 31])
    await isSound()
  })
})
