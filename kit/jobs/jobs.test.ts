import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { createLog, Problem, parseConfig } from '#kit/core'
import { bindSystem, type Database } from '#kit/db'
import { createServices, type ServiceContext } from '#kit/http'
import { anonymous, defineModel, f } from '#kit/model'
import { eachDialect, fakeClock, seededIds } from '#kit/testing'
import {
  defineJob,
  type Job,
  type JobRun,
  JobRunner,
  JobState,
  JobStore,
  removeOld,
} from './index.ts'

const Mark = defineModel('mark', {
  access: { read: 'admin', write: 'admin' },
  audit: false,
  fields: { at: f.instant() },
  indexes: [['at']],
})
const minuteMs = 60_000
const silent = createLog('silent')

eachDialect('jobs', (dialect) => {
  const clock = fakeClock()
  let database: Database
  let seed = 0
  beforeAll(async () => {
    database = await dialect.open([JobState, Mark])
  })
  beforeEach(async () => {
    await database.write('clear', (unit) => unit.executeChange('DELETE FROM plinth_jobs'))
  })

  /** A process of its own, as far as jobs can tell. */
  function context(): ServiceContext {
    const parsed = parseConfig({ PLINTH_ENV: 'test', JWT_SECRET_KEY: 'x'.repeat(40) })
    if (!parsed.ok) throw new Error('The settings are at fault.')
    seed += 1
    const config = { ...parsed.value, secret: 'x'.repeat(40), storeTimezone: 'America/Los_Angeles' }
    return createServices({ config, clock, ids: seededIds(clock, seed), log: silent, database })
  }
  const runner = (...jobs: Job[]) => new JobRunner(jobs, context())
  const stateOf = async (name: string) => (await new JobStore(context()).states()).get(name)
  const job = (run: (run: JobRun) => Promise<void>, every = '1h') =>
    defineJob({ name: 'test.job', summary: 'Test', every, system: 'test', run })

  test('runs at first, and again when its time has come', async () => {
    let runs = 0
    const jobs = runner(
      job(async () => {
        runs += 1
      }),
    )
    expect(await jobs.runDue()).toEqual(['test.job'])
    clock.advance(59 * minuteMs)
    expect(await jobs.runDue()).toEqual([])
    clock.advance(minuteMs)
    expect(await jobs.runDue()).toEqual(['test.job'])
    expect(runs).toBe(2)
    expect(await stateOf('test.job')).toMatchObject({ failures: 0, runner: null, last_error: null })
  })

  test('once across many processes, all at once', async () => {
    let runs = 0
    const counted = job(async () => {
      runs += 1
    })
    const processes = Array.from({ length: 6 }, () => runner(counted))
    for (let round = 1; round <= 4; round += 1) {
      const ran = await Promise.all(processes.map((each) => each.runDue()))
      expect([ran.flat().length, runs]).toEqual([1, round])
      clock.advance(60 * minuteMs)
    }
  })

  test('one that runs is run by nobody else, as long as its process lives', async () => {
    const gate = Promise.withResolvers<void>()
    const first = runner(job(() => gate.promise))
    const running = first.runDue()
    const other = runner(job(async () => {}))
    while ((await stateOf('test.job'))?.runner == null)
      await new Promise((resolve) => setImmediate(resolve))
    expect(await other.runDue()).toEqual([])
    await expect(other.runNow('test.job')).rejects.toThrow('runs already')
    gate.resolve()
    await running
  })

  test('one whose process died is free after a minute; the dead one changes nothing any more', async () => {
    const dead = new JobStore(context())
    const work = job(async () => {})
    expect(await dead.claim(work)).toBe(true)
    clock.advance(59_000)
    const other = runner(work)
    expect(await other.runDue()).toEqual([])
    expect(await dead.renew(work)).toBe(true)
    clock.advance(59_000)
    expect(await other.runDue()).toEqual([])
    clock.advance(1000)
    expect(await other.runDue()).toEqual(['test.job'])
    const after = await stateOf('test.job')
    expect(await dead.renew(work)).toBe(false)
    await dead.finish(work, { kind: 'failed', error: new Error('late') })
    expect(await stateOf('test.job')).toEqual(after)
  })

  test('one that fails is tried again, ever more slowly, and says why', async () => {
    let isBroken = true
    const work = runner(
      job(async () => {
        if (isBroken) throw new Error('no\0 milk')
      }, '1d'),
    )
    const waits: number[] = []
    for (let failure = 1; failure <= 10; failure += 1) {
      expect(await work.runDue()).toEqual(['test.job'])
      const state = await stateOf('test.job')
      expect(state).toMatchObject({ failures: failure, last_error: 'Error: no milk', runner: null })
      waits.push((Date.parse(state?.next_at ?? '') - clock.nowMs()) / 1000)
      clock.advance(3_600_000)
    }
    expect(waits).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600])
    isBroken = false
    await work.runDue()
    expect(await stateOf('test.job')).toMatchObject({ failures: 0, last_error: null })
  })

  test('one that takes too long is told to end, and has failed', async () => {
    const never = job(() => new Promise(() => {}))
    await new JobRunner([never], context(), { limitMs: 5 }).runDue()
    expect(await stateOf('test.job')).toMatchObject({ failures: 1, runner: null })
  })

  test('a stop tells what runs to end, and leaves the rest to others', async () => {
    const begun = Promise.withResolvers<void>()
    const first = runner(
      job(({ signal }) => {
        begun.resolve()
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
      }),
    )
    first.start()
    await begun.promise
    await first.stop()
    expect(await stateOf('test.job')).toMatchObject({ failures: 0, runner: null })
    expect(await runner(job(async () => {})).runDue()).toEqual(['test.job'])
  })

  test('run by hand it runs before its time, and throws what it throws', async () => {
    const fault = new Problem('conflict', 'no milk')
    const work = runner(
      job(async () => {
        throw fault
      }),
    )
    await expect(work.runNow('test.job')).rejects.toBe(fault)
    await expect(work.runNow('test.job')).rejects.toBe(fault)
    await expect(work.runNow('other')).rejects.toThrow('There is no job "other"')
  })

  test('what it is not wanted for it does not do', async () => {
    const unwanted = defineJob({
      name: 'test.unwanted',
      summary: 'Test',
      every: '1h',
      system: 'test',
      isWanted: ({ auditRetentionMs }) => auditRetentionMs !== undefined,
      run: async () => {
        throw new Error('It ran.')
      },
    })
    expect(await runner(unwanted).runDue()).toEqual([])
    expect(await stateOf('test.unwanted')).toBeUndefined()
  })

  test('at a time of day of the shop, whatever its clocks do', async () => {
    // In 2026 clocks go forward in Los Angeles on March 8 at 02:00, which is 10:00 UTC.
    clock.advance(Date.parse('2026-03-07T12:00:00Z') - clock.nowMs())
    const nightly = defineJob({
      name: 'test.nightly',
      summary: 'Test',
      at: '30 3 * * *',
      system: 'test',
      run: async () => {},
    })
    const work = runner(nightly)
    await work.runDue()
    expect((await stateOf('test.nightly'))?.next_at).toBe('2026-03-08T10:30:00.000Z')
    clock.advance(Date.parse('2026-03-08T10:30:00Z') - clock.nowMs())
    expect(await work.runDue()).toEqual(['test.nightly'])
    expect((await stateOf('test.nightly'))?.next_at).toBe('2026-03-09T10:30:00.000Z')
  })

  describe('removeOld', () => {
    afterAll(() => database.write('clear', (unit) => unit.executeChange('DELETE FROM marks')))

    test('removes what is older, in several units', async () => {
      const nowMs = clock.nowMs
      await database.write('fill', async (unit) => {
        const all = bindSystem(database, { executor: unit, actor: anonymous, nowMs })
        const marks = Array.from({ length: 450 }, (_, at) => ({
          at: new Date(at * 1000).toISOString(),
        }))
        await all(Mark).createMany(marks)
      })
      let removed = 0
      const before = new Date(445_000).toISOString()
      const work = job(async (run) => {
        removed = await removeOld(run, { model: Mark, field: 'at', before })
      })
      await runner(work).runDue()
      expect(removed).toBe(445)
      const [left] = await database.reader.execute('SELECT count(*) AS count FROM marks')
      expect(Number(left?.['count'])).toBe(5)
    })
  })
})

describe('a job that is none', () => {
  const spec = { name: 'x', summary: 'x', system: 'x', run: async () => {} }
  test.each([
    ['a name with spaces', { ...spec, name: 'a b', every: '1h' }],
    ['no duration', { ...spec, every: 'often' }],
    ['no time between', { ...spec, every: '0' }],
    ['no pattern', { ...spec, at: 'at night' }],
  ])('%s', (_, wrong) => {
    expect(() => defineJob(wrong)).toThrow(TypeError)
  })
})
