import { afterEach, describe, expect, test } from 'bun:test'
import { Problem } from '#kit/core'
import {
  add,
  addAudited,
  audited,
  makeCareful,
  numbers,
  openWithTable,
  removeAll,
} from './fixture/opened.ts'
import type { CommitStep } from './job.ts'

afterEach(removeAll)

describe('a fault at a step', () => {
  const quick: readonly CommitStep[] = ['begin', 'work', 'head', 'commit']
  const careful: readonly CommitStep[] = [...quick, 'savepoint', 'release']
  const cases = [
    ...quick.map((step) => [step, 'without savepoints'] as const),
    ...careful.map((step) => [step, 'with savepoints'] as const),
  ]
  for (const [failing, mode] of cases)
    test(`${failing}, ${mode}: who is refused has written nothing, who is told has; the next group works`, async () => {
      let countdown = 0
      const database = await openWithTable((step) => {
        if (step === failing && countdown > 0) {
          countdown -= 1
          if (countdown === 0) throw new Error('fault')
        }
      })
      if (mode === 'with savepoints') await makeCareful(database)
      // The fault comes at the first passing of a step that stands once in a group, at the third of the others.
      countdown = ['begin', 'head', 'commit'].includes(failing) ? 1 : 3
      const outcomes = await Promise.allSettled(
        Array.from({ length: 5 }, (_, n) => database.write('add', addAudited(n)).then(() => n)),
      )
      const told = outcomes.flatMap((outcome) =>
        outcome.status === 'fulfilled' ? [outcome.value] : [],
      )
      expect(told.length).toBeLessThan(5)
      expect(await numbers(database)).toEqual(told)
      expect(await audited(database)).toEqual(told)
      await database.write('add', addAudited(9))
      expect(await numbers(database)).toEqual([...told, 9])
      expect(await audited(database)).toEqual([...told, 9])
      const [head] = await database.reader.execute('SELECT seq FROM plinth_audit_chains')
      expect(head).toEqual({ seq: told.length + 1 })
    })

  test('a full disk: whoever is told is stored, the rest is refused, and room made is used', async () => {
    const database = await openWithTable()
    await database.exclusively((executor) =>
      executor.execute('CREATE TABLE big (n INTEGER PRIMARY KEY, text TEXT) STRICT'),
    )
    const pages = await database.exclusively((executor) => executor.execute('PRAGMA page_count'))
    const limit = (most: number) =>
      database.exclusively((executor) => executor.execute(`PRAGMA max_page_count = ${most}`))
    await limit(Number(pages[0]?.['page_count']) + 5)
    const fill = (n: number, length = 1000) =>
      database.write('fill', (unit) =>
        unit.executeChange('INSERT INTO big (n, text) VALUES (?, ?)', [n, 'x'.repeat(length)]),
      )
    const outcomes = await Promise.allSettled(Array.from({ length: 60 }, (_, n) => fill(n)))
    const told = outcomes.flatMap(({ status }, n) => (status === 'fulfilled' ? [n] : []))
    const stored = await database.reader.execute('SELECT n FROM big ORDER BY n')
    expect(stored.map(({ n }) => n)).toEqual(told)
    expect(told.length).toBeLessThan(60)
    const refusal = await fill(98, 50_000).catch((error: Problem) => error)
    expect(refusal).toBeInstanceOf(Problem)
    expect((refusal as Problem).detail).toContain('full')
    await limit(1_000_000)
    await fill(99, 50_000)
  })

  test('where the engine gives up the transaction, nobody of the group is told that he has written', async () => {
    const database = await openWithTable()
    const outcomes = await Promise.allSettled([
      database.write('one', add(1)),
      database.write('two', async (unit) => {
        await unit.execute('ROLLBACK')
        throw new Error('disk full')
      }),
      database.write('three', add(3)),
    ])
    expect(outcomes[0]?.status).toBe('rejected')
    const told = outcomes.flatMap(({ status }, index) =>
      status === 'fulfilled' ? [index + 1] : [],
    )
    expect(await numbers(database)).toEqual(told)
  })
})
