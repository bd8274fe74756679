import { expect, test } from 'bun:test'
import { Problem } from '#kit/core'
import { fakeClock } from '#kit/testing'
import { createTimeLimit } from './time-limit.ts'

const ways = {
  done: (value: string) => value,
  failed: (error: unknown) => (error instanceof Problem ? error.kind.code : String(error)),
}

test('what is over time is unavailable; what is younger, or done, is left alone', async () => {
  const clock = fakeClock()
  const limit = createTimeLimit(30_000, clock.nowMs)
  const first = Promise.withResolvers<string>()
  const second = Promise.withResolvers<string>()
  expect(await limit.run(Promise.resolve('done'), ways)).toBe('done')
  const old = limit.run(first.promise, ways)
  clock.advance(1)
  const young = limit.run(second.promise, ways)
  clock.advance(29_998)
  limit.sweep()
  clock.advance(1)
  limit.sweep()
  expect(await old).toBe('unavailable')
  first.resolve('too late')
  second.resolve('in time')
  expect(await young).toBe('in time')
})

test('what ends after its time makes no second answer', async () => {
  const clock = fakeClock()
  const limit = createTimeLimit(30_000, clock.nowMs)
  const late = Promise.withResolvers<string>()
  const made: string[] = []
  const noted = (value: unknown) => {
    made.push(ways.failed(value))
    return ways.failed(value)
  }
  const running = limit.run(late.promise, { done: noted, failed: noted })
  clock.advance(30_001)
  limit.sweep()
  late.resolve('too late')
  await late.promise
  expect(await running).toBe('unavailable')
  expect(made).toEqual(['unavailable'])
})

test('a failure comes through', async () => {
  const limit = createTimeLimit(30_000, fakeClock().nowMs)
  expect(await limit.run(Promise.reject(new Error('own')), ways)).toBe('Error: own')
})
