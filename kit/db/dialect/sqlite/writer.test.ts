import { Database as Sqlite } from 'bun:sqlite'
import { afterEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog, Problem } from '#kit/core'
import type { Database, Unit } from '../../types.ts'
import { openSqlite } from './open.ts'
import type { CommitStep } from './writer.ts'

const folders: string[] = []
const opened: Database[] = []

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'plinth-writer-'))
  folders.push(path)
  return path
}

function open(file = join(folder(), 'a.db'), onStep?: (step: CommitStep) => void): Database {
  const database = openSqlite(file, { log: createLog('silent'), onStep })
  opened.push(database)
  return database
}

async function openWithTable(onStep?: (step: CommitStep) => void): Promise<Database> {
  const database = open(undefined, onStep)
  await database.exclusively((executor) =>
    executor.execute('CREATE TABLE t (n INTEGER NOT NULL UNIQUE) STRICT'),
  )
  return database
}

const add = (n: number) => (unit: Unit) => unit.executeChange('INSERT INTO t (n) VALUES (?)', [n])
const numbers = async (database: Database) =>
  (await database.reader.execute('SELECT n FROM t ORDER BY n')).map((row) => row['n'])

afterEach(async () => {
  for (const database of opened.splice(0)) await database.close()
  for (const path of folders.splice(0)) rmSync(path, { recursive: true })
})

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
    opened.splice(opened.indexOf(database), 1)
    expect(await database.write('late', add(2)).catch((error) => error.kind.code)).toBe(
      'unavailable',
    )
    expect(await numbers(open(file))).toEqual([1])
  })
})

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

describe('a fault at a step', () => {
  const steps: readonly CommitStep[] = ['begin', 'savepoint', 'work', 'release', 'commit']
  for (const failing of steps)
    test(`${failing}: who is refused has written nothing, who is told has; the next group works`, async () => {
      let countdown = 0
      const database = await openWithTable((step) => {
        if (step === failing && countdown > 0) {
          countdown -= 1
          if (countdown === 0) throw new Error('fault')
        }
      })
      // The fault comes at the first passing of a step that stands once in a group, at the third of the others.
      countdown = failing === 'begin' || failing === 'commit' ? 1 : 3
      const outcomes = await Promise.allSettled(
        Array.from({ length: 5 }, (_, n) => database.write('add', add(n)).then(() => n)),
      )
      const told = outcomes.flatMap((outcome) =>
        outcome.status === 'fulfilled' ? [outcome.value] : [],
      )
      expect(told.length).toBeLessThan(5)
      expect(await numbers(database)).toEqual(told)
      await database.write('add', add(9))
      expect(await numbers(database)).toEqual([...told, 9])
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

describe('open', () => {
  const refusal = (file: string) => {
    try {
      open(file)
    } catch (error) {
      return error instanceof Problem ? error.detail : String(error)
    }
    return 'opened'
  }

  test('a file that is no database is named and left as it is', async () => {
    const file = join(folder(), 'a.db')
    const text = 'These are the minutes of the meeting of 8 March, and no database at all. '.repeat(
      20,
    )
    writeFileSync(file, text)
    expect(refusal(file)).toBe(
      `${file} is not an SQLite database. Name another file in DATABASE_URL, or move this one away.`,
    )
    expect(await Bun.file(file).text()).toBe(text)
  })

  test('a folder that cannot be written to is named', () => {
    expect(refusal('/proc/plinth/a.db')).toStartWith(
      'The database /proc/plinth/a.db cannot be written to.',
    )
  })

  test('a folder in place of the file is refused', () => {
    const path = folder()
    expect(refusal(path)).toContain('cannot be opened')
  })

  test('a missing folder is made', () => {
    expect(refusal(join(folder(), 'deep', 'er', 'a.db'))).toBe('opened')
  })

  test('it is durable: write-ahead log, synced at every commit, foreign keys on', async () => {
    const database = open()
    const settings = await database.exclusively((executor) =>
      Promise.all(
        ['journal_mode', 'synchronous', 'foreign_keys'].map((name) =>
          executor.execute(`PRAGMA ${name}`),
        ),
      ),
    )
    expect(settings).toEqual([
      [{ journal_mode: 'wal' }],
      [{ synchronous: 2 }],
      [{ foreign_keys: 1 }],
    ] as never)
  })

  test('another process’s lock is waited for, not blocked on', async () => {
    const file = join(folder(), 'a.db')
    const one = open(file)
    await one.exclusively((executor) => executor.execute('CREATE TABLE t (n INTEGER)'))
    const two = open(file)
    let isLate = false
    const held = one.exclusively(async (executor) => {
      await executor.execute('BEGIN IMMEDIATE')
      // Timers run while the other waits: the event loop is free.
      await new Promise((resolve) => setTimeout(resolve, 30))
      await executor.execute('COMMIT')
      isLate = true
    })
    await Promise.all([held, two.write('add', add(1)).then(() => expect(isLate).toBe(true))])
  })
})
