import { beforeEach, describe, expect, test } from 'bun:test'
import { createIds, type Problem } from '#kit/core'
import { bindSystem, type Database } from '#kit/db'
import { anonymous } from '#kit/model'
import { eachDialect, type FakeClock, fakeClock } from '#kit/testing'
import type { AttemptLimit } from './attempt-rules.ts'
import { createThrottling, type Throttling } from './throttle.ts'
import { Throttle } from './throttle-model.ts'

const minuteMs = 60_000
const dayMs = 1440 * minuteMs

const account: AttemptLimit = {
  name: 'account',
  failures: 5,
  windowMs: 15 * minuteMs,
  lockMs: 15 * minuteMs,
  longestLockMs: dayMs,
  forgetMs: dayMs,
  onSuccess: 'forgive',
}
const address: AttemptLimit = { ...account, name: 'address', failures: 20, onSuccess: 'give back' }

const ada = [
  { key: 'user:ada', limit: account },
  { key: 'address:1', limit: address },
]

eachDialect('attempts', ({ open }) => {
  let database: Database
  let clock: FakeClock
  let throttling: Throttling

  beforeEach(async () => {
    clock = fakeClock()
    database = await open([Throttle], { nowMs: clock.nowMs })
    throttling = process()
  })

  /** Another process on the same database. */
  const process = (more: { patienceMs?: number } = {}) =>
    createThrottling({ database, clock, ids: createIds(clock), ...more })
  const countRows = () =>
    bindSystem(database, { executor: database.reader, actor: anonymous, nowMs: clock.nowMs })(
      Throttle,
    ).count()

  const reported: Readonly<Record<string, string>>[] = []
  const report = (headers: Readonly<Record<string, string>>) => void reported.push(headers)

  const attempt = (isRight: boolean, keys = ada, by = throttling) =>
    by
      .guard({ keys, report }, async () => (isRight ? 'in' : undefined))
      .then(
        (found) => found ?? 'wrong',
        (error: Problem) => Number(error.headers?.['Retry-After'] ?? Number.NaN),
      )
  const wrong = (keys = ada) => attempt(false, keys)
  const right = (keys = ada) => attempt(true, keys)
  const inTurn = async (times: number, one: () => Promise<unknown>) => {
    const answers: unknown[] = []
    for (let time = 0; time < times; time += 1) answers.push(await one())
    return answers
  }
  const fiveWrong = ['wrong', 'wrong', 'wrong', 'wrong', 'wrong']

  test('five failures are answered, the sixth is locked out for 15 minutes', async () => {
    expect(await inTurn(6, wrong)).toEqual([...fiveWrong, 900])
  })

  test('the right secret is locked out too, until the lock is over', async () => {
    await inTurn(5, wrong)
    expect(await right()).toBe(900)
    clock.advance(15 * minuteMs - 1)
    expect(await right()).toBe(1)
    clock.advance(1)
    expect(await right()).toBe('in')
  })

  test('a locked out check is not even run', async () => {
    await inTurn(5, wrong)
    let isRun = false
    const check = async () => {
      isRun = true
      return 'in'
    }
    await expect(throttling.guard({ keys: ada, report }, check)).rejects.toMatchObject({
      kind: { code: 'rate_limited' },
    })
    expect(isRun).toBe(false)
  })

  test('each further lock is twice as long, up to a day', async () => {
    const locks: unknown[] = []
    for (let round = 0; round < 9; round += 1) {
      await inTurn(5, () => wrong(ada.slice(0, 1)))
      const seconds = Number(await wrong(ada.slice(0, 1)))
      locks.push(seconds / 60)
      clock.advance(seconds * 1000)
    }
    expect(locks).toEqual([15, 30, 60, 120, 240, 480, 960, 1440, 1440])
  })

  test('after a day without a lock they start from the first again', async () => {
    await inTurn(5, wrong)
    clock.advance(15 * minuteMs + dayMs)
    await inTurn(5, wrong)
    expect(await wrong()).toBe(900)
  })

  test('failures count for 15 minutes, each by itself', async () => {
    await wrong()
    clock.advance(10 * minuteMs)
    await inTurn(3, wrong)
    clock.advance(5 * minuteMs)
    expect(await inTurn(3, wrong)).toEqual(['wrong', 'wrong', 600 + 300])
  })

  test('a success forgets the failures of the account, not those of the address', async () => {
    await inTurn(4, wrong)
    expect(await right()).toBe('in')
    expect(await inTurn(6, wrong)).toEqual([...fiveWrong, 900])
    const others = (name: string) => [{ key: name, limit: account }, ...ada.slice(1)]
    await inTurn(5, () => wrong(others('user:bob')))
    expect(await inTurn(7, () => wrong(others(`user:${Math.random()}`)))).toEqual([
      ...fiveWrong,
      'wrong',
      900,
    ])
    expect(await right(others('user:cid'))).toBe(900)
  })

  test('every outcome reports what is left of the limit that has least', async () => {
    reported.length = 0
    for (let count = 0; count < 4; count += 1) await wrong()
    await right()
    expect(reported.map(({ RateLimit }) => RateLimit)).toEqual([
      '"account";r=4;t=900',
      '"account";r=3;t=900',
      '"account";r=2;t=900',
      '"account";r=1;t=900',
      '"account";r=5;t=900',
    ])
    expect(reported[0]?.['RateLimit-Policy']).toBe('"account";q=5;w=900')
  })

  test('the refusal carries Retry-After and the RateLimit fields', async () => {
    await inTurn(5, wrong)
    const refusal = await throttling
      .guard({ keys: ada, report }, async () => 'in')
      .catch((error: Problem) => error)
    expect(refusal).toMatchObject({
      kind: { status: 429 },
      detail: 'Too many attempts. Try again in 15 minutes.',
      headers: {
        'Retry-After': '900',
        'RateLimit-Policy': '"account";q=5;w=900',
        RateLimit: '"account";r=0;t=900',
      },
    })
  })

  test('ten wrong ones at once: five are answered, five locked out', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => wrong()))
    expect(answers.filter((answer) => answer === 'wrong')).toHaveLength(5)
    expect(answers.filter((answer) => answer === 900)).toHaveLength(5)
  })

  test('a hundred right ones at once all succeed', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => right()))
    expect(new Set(answers)).toEqual(new Set(['in']))
  })

  test('right ones of many accounts from one address at once all succeed', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, at) =>
        right([{ key: `user:${at}`, limit: account }, ...ada.slice(1)]),
      ),
    )
    expect(new Set(answers)).toEqual(new Set(['in']))
  })

  test('right and wrong ones at once, as many wrong as the address allows: each gets its answer', async () => {
    const sent = Array.from({ length: 60 }, (_, at) => at % 4 !== 0)
    const answers = await Promise.all(sent.map((isRight) => attempt(isRight, ada.slice(1))))
    expect(answers).toEqual(sent.map((isRight) => (isRight ? 'in' : 'wrong')))
  })

  test('a check that throws counts as no attempt', async () => {
    const broken = () =>
      throttling
        .guard({ keys: ada, report }, () => Promise.reject(new Error('broken')))
        .catch((error: Error) => error.message)
    expect(new Set(await inTurn(8, broken))).toEqual(new Set(['broken']))
    expect(await right()).toBe('in')
  })

  /** Five attempts of this process that are under way until their outcome is told. */
  const fiveUnderWay = async () => {
    const outcome = Promise.withResolvers<'in' | undefined>()
    const started = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
    const checking = started.map(({ resolve }) =>
      throttling.guard({ keys: ada, report }, () => {
        resolve()
        return outcome.promise
      }),
    )
    await Promise.all(started.map(({ promise }) => promise))
    return async (told: 'in' | undefined) => {
      outcome.resolve(told)
      await Promise.all(checking)
    }
  }

  test('two processes count together: one that comes while the other checks waits for it', async () => {
    const end = await fiveUnderWay()
    const other = process()
    const late = Array.from({ length: 20 }, () => attempt(true, ada, other))
    await end(undefined)
    expect(new Set(await Promise.all(late))).toEqual(new Set([900]))
  })

  test('right ones that come while another process checks as many as may be get in', async () => {
    const end = await fiveUnderWay()
    const others = [process(), process()]
    const late = Array.from({ length: 20 }, (_, at) => attempt(true, ada, others[at % 2]))
    await end('in')
    expect(new Set(await Promise.all(late))).toEqual(new Set(['in']))
  })

  test('wrong ones of two processes at once are no more than the limit', async () => {
    const others = [process(), process()]
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => attempt(false, ada, others[at % 2])),
    )
    expect(answers.filter((answer) => answer === 'wrong')).toHaveLength(5)
    expect(answers.filter((answer) => answer === 900)).toHaveLength(15)
  })

  test('a check in another process that takes too long is not waited for', async () => {
    const end = await fiveUnderWay()
    const impatient = process({ patienceMs: 100 })
    const late = Array.from({ length: 5 }, () => attempt(true, ada, impatient))
    expect(await Promise.all(late)).toEqual([1, 1, 1, 1, 1])
    await end(undefined)
    expect(await attempt(true, ada, impatient)).toBe(900)
  })

  test('places that a process took and died with count until their time is over', async () => {
    const never = new Promise<undefined>(() => {})
    const started = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
    for (const { resolve } of started)
      throttling
        .guard({ keys: ada, report }, () => {
          resolve()
          return never
        })
        .catch(() => undefined)
    await Promise.all(started.map(({ promise }) => promise))
    clock.advance(minuteMs)
    expect(await attempt(true, ada, process())).toBe(14 * 60)
    clock.advance(14 * minuteMs)
    expect(await attempt(true, ada, process())).toBe('in')
  })

  test('nothing is kept of those who got in', async () => {
    await right()
    expect(await countRows()).toBe(0)
    await inTurn(5, wrong)
    expect(await countRows()).toBe(2)
  })
})

eachDialect('quotas', ({ open }) => {
  const quota = { name: 'registration', quota: 3, windowMs: 60 * minuteMs }

  describe('of three an hour', () => {
    test('three are given, the fourth only when the hour is over; others have their own', async () => {
      const clock = fakeClock()
      const database = await open([Throttle], { nowMs: clock.nowMs })
      const { spend } = createThrottling({ database, clock, ids: createIds(clock) })
      const take = (key: string) =>
        spend(key, quota, () => {}).then(
          () => 'given',
          (error: Problem) => error.headers?.['Retry-After'],
        )
      const taken = await Promise.all(['a', 'a', 'a', 'a', 'b'].map(take))
      expect(taken.sort()).toEqual(['3600', 'given', 'given', 'given', 'given'])
      clock.advance(60 * minuteMs - 1)
      expect(await take('a')).toBe('1')
      clock.advance(1)
      expect(await take('a')).toBe('given')
    })
  })
})
