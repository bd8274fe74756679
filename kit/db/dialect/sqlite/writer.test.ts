import { afterEach, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { Problem } from '#kit/core'
import type { Database, Unit } from '../../types.ts'
import {
  add,
  addAudited,
  audited,
  folder,
  forget,
  numbers,
  open,
  openWithTable,
  removeAll,
} from './fixture/opened.ts'

afterEach(removeAll)

describe('group commit', () => {
  test('units that come together share one transaction', async () => {
    let commits = 0
    const database = await openWithTable((step) => {
      if (step === 'commit') commits += 1
    })
    await Promise.all(Array.from({ length: 40 }, (_, n) => database.write('add', add(n))))
    expect(commits).toBeLessThan(10)
    expect(await numbers(database)).toHaveLength(40)
  })

  test('a group ends after 64 units', async () => {
    let commits = 0
    const database = await openWithTable((step) => {
      if (step === 'commit') commits += 1
    })
    await Promise.all(Array.from({ length: 130 }, (_, n) => database.write('add', add(n))))
    expect(commits).toBeGreaterThanOrEqual(3)
  })

  test('nobody is told before the commit, and readers see nothing before it', async () => {
    const seen: unknown[] = []
    let told = false
    const database: Database = await openWithTable((step) => {
      if (step === 'commit') seen.push(told, database.reader.execute('SELECT count(*) AS n FROM t'))
    })
    await database.write('add', add(1)).then(() => {
      told = true
    })
    expect(seen).toEqual([false, [{ n: 0 }]])
    expect(told).toBe(true)
  })

  test('a unit that throws rolls back alone', async () => {
    const database = await openWithTable()
    const outcomes = await Promise.allSettled([
      database.write('one', add(1)),
      database.write('two', async (unit) => {
        await add(2)(unit)
        throw new Error('no')
      }),
      database.write('three', async (unit) => {
        await add(3)(unit)
        await add(1)(unit)
      }),
      database.write('four', add(4)),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ])
    expect(await numbers(database)).toEqual([1, 4])
  })

  test('where a unit fails after it wrote, its neighbours are repeated, and only then with savepoints', async () => {
    const steps: string[] = []
    const database = await openWithTable((step) => steps.push(step))
    const ran: string[] = []
    const followed: string[] = []
    const run = (name: string, n: number, end: () => void = () => {}) =>
      database.write(name, async (unit) => {
        ran.push(name)
        unit.afterCommit(() => followed.push(name))
        await addAudited(n)(unit)
        end()
        return n
      })
    steps.length = 0
    const refuse = () => {
      throw new Error('no')
    }
    const outcomes = await Promise.allSettled([run('a', 1), run('b', 2, refuse), run('c', 3)])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(ran).toEqual(['a', 'b', 'a', 'b', 'c'])
    expect(followed).toEqual(['a', 'c'])
    expect(await numbers(database)).toEqual([1, 3])
    expect(await audited(database)).toEqual([1, 3])
    expect(steps.filter((step) => step === 'begin')).toHaveLength(2)
    expect(steps.filter((step) => step === 'savepoint')).toHaveLength(3)
  })

  test('a unit that fails before it wrote undoes nothing: nobody is repeated', async () => {
    const database = await openWithTable()
    let runs = 0
    const outcomes = await Promise.allSettled([
      database.write('good', (unit) => {
        runs += 1
        return add(1)(unit)
      }),
      database.write('looks and throws', async (unit) => {
        await unit.execute('SELECT n FROM t')
        throw new Error('no')
      }),
      database.write('is refused by the engine', (unit) => add(1)(unit)),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    expect(runs).toBe(1)
    expect(await numbers(database)).toEqual([1])
  })

  test('a unit that fails alone after it wrote is undone and not repeated', async () => {
    const database = await openWithTable()
    let runs = 0
    const failing = database.write('alone', async (unit) => {
      runs += 1
      await addAudited(1)(unit)
      throw new Error('no')
    })
    expect(await failing.catch(({ message }) => message)).toBe('no')
    expect(runs).toBe(1)
    expect(await numbers(database)).toEqual([])
    expect(await audited(database)).toEqual([])
  })

  test('a unit that may take long is a group of its own, and never repeated', async () => {
    const database = await openWithTable()
    let runs = 0
    const outcomes = await Promise.allSettled([
      database.write('before', add(1)),
      database.write(
        'long',
        (unit) => {
          runs += 1
          return add(2)(unit)
        },
        { limitMs: 60_000 },
      ),
      database.write('fails', async (unit) => {
        await add(3)(unit)
        throw new Error('no')
      }),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    expect(runs).toBe(1)
    expect(await numbers(database)).toEqual([1, 2])
  })

  test('a unit reads its own writes and those before it', async () => {
    const database = await openWithTable()
    const count = (unit: Unit) => unit.execute('SELECT count(*) AS n FROM t')
    const [, seen] = await Promise.all([
      database.write('one', add(1)),
      database.write('two', async (unit) => {
        await add(2)(unit)
        return count(unit)
      }),
    ])
    expect(seen).toEqual([{ n: 2 }])
  })

  test('what follows a commit runs once, and not for a unit that failed', async () => {
    const database = await openWithTable()
    const ran: string[] = []
    await database.write('good', (unit) => unit.afterCommit(() => ran.push('good')))
    await database
      .write('bad', (unit) => {
        unit.afterCommit(() => ran.push('bad'))
        throw new Error('no')
      })
      .catch(() => {})
    expect(ran).toEqual(['good'])
  })

  test('who writes again as soon as he is told lets others have their turn', async () => {
    const database = await openWithTable()
    let isOver = false
    const turn = new Promise<void>((resolve) => setTimeout(resolve, 1)).then(() => {
      isOver = true
    })
    for (let n = 0; !isOver && n < 20_000; n += 1) await database.write('add', () => {})
    expect(isOver).toBe(true)
    await turn
  })

  test('a unit that says that it needs longer may', async () => {
    const database = await openWithTable()
    const work = async (unit: Unit) => {
      await add(1)(unit)
      await new Promise((resolve) => setTimeout(resolve, 1400))
      await add(2)(unit)
    }
    await database.write('long', work, { limitMs: 5000 })
    expect(await numbers(database)).toEqual([1, 2])
  })

  test('a unit cannot be used when it is over', async () => {
    const database = await openWithTable()
    let kept: Unit | undefined
    await database.write('keep', (unit) => {
      kept = unit
    })
    expect(() => kept?.execute('SELECT 1')).toThrow(Problem)
  })

  test('a unit that holds the writer too long is aborted; the next one runs', async () => {
    const database = await openWithTable()
    const slow = database.write('slow', async (unit) => {
      await add(1)(unit)
      await new Promise(() => {})
    })
    const next = database.write('next', add(2))
    expect(await slow.catch((error) => error.kind.code)).toBe('unavailable')
    await next
    expect(await numbers(database)).toEqual([2])
  })

  test('exclusive work comes between groups, outside of a transaction', async () => {
    const database = await openWithTable()
    const order: string[] = []
    await Promise.all([
      database.write('a', () => void order.push('a')),
      database.exclusively(async (executor) => {
        await executor.execute('BEGIN')
        await executor.execute('COMMIT')
        order.push('exclusive')
      }),
      database.write('b', () => void order.push('b')),
    ])
    expect(order).toEqual(['a', 'exclusive', 'b'])
  })

  test('close finishes what is queued and refuses what comes after', async () => {
    const file = join(folder(), 'a.db')
    const database = open(file)
    await database.exclusively((executor) => executor.execute('CREATE TABLE t (n INTEGER)'))
    const write = database.write('add', add(1))
    await Promise.all([write, database.close()])
    forget(database)
    expect(await database.write('late', add(2)).catch((error) => error.kind.code)).toBe(
      'unavailable',
    )
    expect(await numbers(open(file))).toEqual([1])
  })
})
