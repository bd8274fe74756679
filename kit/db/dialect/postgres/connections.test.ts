import { describe, expect, test } from 'bun:test'
import { createLog, Problem } from '#kit/core'
import { until } from '#kit/testing'
import { codeOf } from '../../fixture/people.ts'
import type { Database, Unit } from '../../types.ts'
import { onPostgres } from './fixture/on-postgres.ts'
import { openPostgres } from './open.ts'

const statement = (sql: string) => Object.freeze({ sql, slots: [] })
const insert = statement('INSERT INTO t (id, n) VALUES ($1, $2)')
const select = statement('SELECT n FROM t WHERE id = $1')

const countOf = async (database: Database) =>
  (await database.reader.execute('SELECT count(*) AS n FROM t'))[0]?.['n']

/** A promise and what fulfils it. */
function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

onPostgres('statements', ({ open }) => {
  test('are prepared once on a connection, whatever their values', async () => {
    const { database } = await open({ poolMax: 1 })
    for (let id = 0; id < 20; id += 1) {
      await database.write('test', (unit) => unit.run(insert, [id, id]))
      expect(await database.reader.all(select, [id])).toEqual([{ n: id }])
    }
    const rows = await database.reader.execute(
      "SELECT statement, generic_plans + custom_plans AS runs FROM pg_prepared_statements WHERE statement LIKE '%FROM t WHERE%' OR statement LIKE 'INSERT%'",
    )
    const runs = Object.fromEntries(rows.map((row) => [row['statement'], row['runs']]))
    expect(runs).toEqual({ [insert.sql]: 20, [select.sql]: 20 })
  })

  test('run on after a migration changed what they answer', async () => {
    const { database, operator } = await open({ poolMax: 1 })
    const all = statement('SELECT * FROM t WHERE id = $1')
    await database.write('test', (unit) => unit.run(insert, [1, 2]))
    expect(await database.reader.all(all, [1])).toEqual([{ id: 1, n: 2 }])
    await operator.exclusively((executor) => executor.execute('ALTER TABLE t ADD COLUMN m bigint'))
    const answers = await Promise.all([1, 1, 1].map((id) => database.reader.all(all, [id])))
    expect(answers.flat()).toEqual([1, 2, 3].map(() => ({ id: 1, n: 2, m: null })))
    await operator.exclusively((executor) => executor.execute('ALTER TABLE t DROP COLUMN m'))
    expect(await database.write('test', (unit) => unit.all(all, [1]))).toEqual([{ id: 1, n: 2 }])
  })

  test('that take too long are ended by the server', async () => {
    const { database } = await open({ statementTimeoutMs: 100 })
    const sleep = database.reader.execute('SELECT pg_sleep(5)') as Promise<unknown>
    expect(await sleep.catch((error: Problem) => error.detail)).toMatch(/took too long/)
  })
})

onPostgres('a connection that was cut', ({ open }) => {
  test('while idle costs nobody an error, reading or writing', async () => {
    const { database, cut } = await open()
    for (let turn = 0; turn < 5; turn += 1) {
      // All ten are open and idle when they are cut.
      await Promise.all(
        Array.from({ length: 10 }, () =>
          database.write('warm', (unit) => unit.execute('SELECT pg_sleep(0.02)')),
        ),
      )
      await cut()
      await database.write('test', (unit) => unit.run(insert, [turn, turn]))
      await cut()
      expect(await database.reader.all(select, [turn])).toEqual([{ n: turn }])
      await database.ping()
    }
    expect(await countOf(database)).toBe(5)
  })

  test('under a read: it is read again', async () => {
    const { database, cut } = await open()
    const reading = Promise.all(
      [1, 2, 3].map((n) => database.reader.execute(`SELECT ${n} AS n, pg_sleep(0.2) AS s`)),
    )
    await Bun.sleep(50)
    await cut()
    expect((await reading).flat().map((row) => row['n'])).toEqual([1, 2, 3])
  })

  test('within a unit: it is repeated, and kept once', async () => {
    const { database, cut } = await open()
    let runs = 0
    await database.write('test', async (unit) => {
      runs += 1
      await unit.run(insert, [1, runs])
      if (runs === 1) await cut()
      await unit.run(insert, [2, runs])
    })
    expect(runs).toBe(2)
    expect(await database.reader.execute('SELECT id, n FROM t ORDER BY id')).toEqual([
      { id: 1, n: 2 },
      { id: 2, n: 2 },
    ])
  })

  test('during the commit: told that nobody knows, and never repeated', async () => {
    const { database, operator, cut } = await open()
    await operator.exclusively(async (executor) => {
      await executor.execute(
        'CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(2); RETURN NULL; END $$',
      )
      await executor.execute(
        'CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION dawdle()',
      )
    })
    let runs = 0
    const writing = database.write('test', async (unit) => {
      runs += 1
      await unit.run(insert, [1, 1])
    })
    const told = writing.catch((error: Problem) => [error.kind.code, error.detail])
    await Bun.sleep(300)
    await cut()
    expect(await told).toEqual(['unavailable', expect.stringMatching(/not known/)])
    expect(runs).toBe(1)
  })
})

onPostgres('the pool', ({ open }) => {
  const connections = async (operator: Database) => {
    const [row] = await operator.reader.execute(
      "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'under test'",
    )
    return row?.['n']
  }
  /** Units that all hold their connection until the gate is opened. */
  const hold = (database: Database, count: number) => {
    const { open: release, opened } = gate()
    const begun = Array.from({ length: count }, gate)
    const units = begun.map(({ open: begin }, id) =>
      database.write('hold', async (unit: Unit) => {
        await unit.run(insert, [id, id])
        begin()
        await opened
      }),
    )
    return {
      held: Promise.all(begun.map((each) => each.opened)),
      release: async () => {
        release()
        await Promise.all(units)
      },
    }
  }

  test('opens what is asked for at first, and no more than it may', async () => {
    const { database, operator } = await open({ poolMin: 2, poolMax: 4 })
    await until('two connections', async () => (await connections(operator)) === 2)
    await Promise.all(
      Array.from({ length: 200 }, (_, id) =>
        database.write('test', (unit) => unit.run(insert, [id, id])),
      ),
    )
    expect(await connections(operator)).toBe(4)
    expect(await countOf(database)).toBe(200)
  })

  test('exhausted: unavailable with Retry-After, for readers and writers, and well again after', async () => {
    const { database } = await open({ poolMax: 2 }, { acquireMs: 100 })
    const { held, release } = hold(database, 2)
    await held
    const refused = await Promise.all([
      Promise.resolve(database.reader.all(select, [1])).catch((error: Problem) => error),
      database.write('test', (unit) => unit.run(insert, [9, 9])).catch((error: Problem) => error),
    ])
    for (const problem of refused) {
      expect(problem).toBeInstanceOf(Problem)
      expect(problem).toMatchObject({
        kind: { code: 'unavailable' },
        headers: { 'Retry-After': '1' },
      })
    }
    await release()
    expect(await countOf(database)).toBe(2)
  })

  test('serves those who wait in their order, readers beside each other', async () => {
    const { database } = await open({ poolMax: 1 })
    const { held, release } = hold(database, 1)
    await held
    const order: string[] = []
    const wait = (name: string, work: Promise<unknown>) => work.then(() => order.push(name))
    const waiting = [
      wait('read 1', Promise.resolve(database.reader.all(select, [1]))),
      wait(
        'write',
        database.write('test', (unit) => unit.run(insert, [5, 5])),
      ),
      wait('read 2', Promise.resolve(database.reader.all(select, [5]))),
    ]
    await release()
    await Promise.all(waiting)
    expect(order).toEqual(['read 1', 'write', 'read 2'])
  })

  test('a reader never comes into the transaction of a unit', async () => {
    const { database } = await open({ poolMax: 3 })
    const work = Array.from({ length: 300 }, (_, id) =>
      id % 3 === 0
        ? database.write('test', async (unit) => {
            await unit.run(insert, [id, id])
            await unit.execute('SELECT 1')
            if (id % 2 === 0) throw new Problem('conflict')
          })
        : database.reader.execute('SELECT pg_current_xact_id_if_assigned() IS NULL AS is_apart'),
    )
    const results = await Promise.allSettled(work)
    const rows = results.flatMap((result) =>
      result.status === 'fulfilled' && Array.isArray(result.value) ? result.value : [],
    )
    expect(rows).toHaveLength(200)
    expect(rows.every((row) => row['is_apart'])).toBe(true)
    expect(await countOf(database)).toBe(50)
  })

  test('a unit that takes too long is aborted, its writes undone, its connection given back', async () => {
    const { database } = await open({ poolMax: 1 }, { unitMs: 100 })
    const never = database.write('slow', async (unit) => {
      await unit.run(insert, [1, 1])
      await new Promise(() => {})
    })
    expect(await never.catch((error: Problem) => error.detail)).toMatch(/took too long/)
    expect(await countOf(database)).toBe(0)
  })

  test('closing waits for what is under way and refuses what comes after', async () => {
    const { database, operator } = await open({ poolMax: 2 })
    const { held, release } = hold(database, 1)
    await held
    const closing = database.close()
    expect(await codeOf(Promise.resolve(database.reader.all(select, [1])))).toBe('unavailable')
    expect(await codeOf(database.write('test', () => undefined))).toBe('unavailable')
    await release()
    await closing
    expect(await countOf(operator)).toBe(1)
  })

  describe('exclusive work', () => {
    test('runs alone among all processes, outside of a transaction', async () => {
      const { database, operator } = await open()
      const order: string[] = []
      const work = (db: Database, name: string) =>
        db.exclusively(async (executor) => {
          order.push(`${name} begins`)
          await executor.execute('SELECT pg_sleep(0.02)')
          order.push(`${name} ends`)
        })
      await Promise.all([work(database, 'a'), work(operator, 'b'), work(database, 'c')])
      expect(order.map((line) => line.slice(2))).toEqual(Array(3).fill(['begins', 'ends']).flat())
      for (const at of [0, 2, 4]) expect(order[at]?.[0]).toBe(order[at + 1]?.[0] ?? '')
    })

    test('that fails lets the next one in', async () => {
      const { database } = await open()
      await database.exclusively(() => Promise.reject(new Problem('conflict'))).catch(() => {})
      expect(await database.exclusively(async () => 'in')).toBe('in')
    })

    test('that goes on for too long is named to who waits for it, who gives up', async () => {
      const { config, database } = await open()
      const impatient = await openPostgres(config, { log: createLog('silent'), turnMs: 50 })
      await database.exclusively(async () => {
        const refusal = await impatient.exclusively(() => 'in').catch((error: Problem) => error)
        expect(refusal).toMatchObject({
          kind: { code: 'unavailable' },
          detail: expect.stringMatching(
            /at work on this database.*\(server process \d+ "under test" from 127\.0\.0\.1, for \d+ s\)/,
          ),
        })
      })
      expect(await impatient.exclusively(async () => 'in')).toBe('in')
      await impatient.close()
    })
  })
})
