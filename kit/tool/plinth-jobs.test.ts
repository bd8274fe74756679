import { expect, test } from 'bun:test'
import { Throttle } from '#kit/auth'
import { createLog, parseConfig } from '#kit/core'
import { type BoundRepositories, bindSystem } from '#kit/db'
import { createServices, IdempotencyKey } from '#kit/http'
import { JobRunner, JobState } from '#kit/jobs'
import { anonymous } from '#kit/model'
import { eachDialect, fakeClock, seededIds } from '#kit/testing'
import { plinthJobs } from './plinth-jobs.ts'

const hourMs = 3_600_000

eachDialect('the jobs of the kit', (dialect) => {
  test('forget attempts and idempotency keys that count no more, and no others', async () => {
    const clock = fakeClock()
    const database = await dialect.open([JobState, Throttle, IdempotencyKey])
    const parsed = parseConfig({ PLINTH_ENV: 'test' })
    if (!parsed.ok) throw new Error('The settings are at fault.')
    const config = { ...parsed.value, secret: '' }
    const log = createLog('silent')
    const ids = seededIds(clock, 1)
    const runner = new JobRunner(plinthJobs, createServices({ config, clock, ids, log, database }))
    const write = <T>(work: (all: BoundRepositories) => Promise<T>) =>
      database.write('test', (executor) =>
        work(bindSystem(database, { executor, actor: anonymous, nowMs: clock.nowMs })),
      )
    const add = (name: string) =>
      write(async (all) => {
        await all(Throttle).create({ key: name })
        await all(IdempotencyKey).create({
          ...{ actor_id: name, route: 'note.create', key: 'k' },
          ...{ fingerprint: '', status: 201, headers: {}, body: '' },
        })
      })
    const left = async () => {
      const throttled = await write((all) => all(Throttle).list({ sort: 'key' }))
      const keys = await write((all) => all(IdempotencyKey).list({ sort: 'actor_id' }))
      return [throttled.rows.map(({ key }) => key), keys.rows.map(({ actor_id }) => actor_id)]
    }

    await add('old')
    clock.advance(25 * hourMs)
    await add('young')
    expect(await runner.runDue()).toEqual(['throttle.sweep', 'idempotency.clean', 'files.clean'])
    expect(await left()).toEqual([['old', 'young'], ['young']])
    clock.advance(24 * hourMs)
    await runner.runDue()
    expect(await left()).toEqual([['young'], ['young']])
    clock.advance(25 * hourMs)
    await runner.runDue()
    expect(await left()).toEqual([[], []])
  })
})
