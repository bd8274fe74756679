import { expect, test } from 'bun:test'
import { Problem } from '#kit/core'
import { fakeClock } from '#kit/testing'
import { createTimeLimit } from './time-limit.ts'

test('what is over time is unavailable; what is younger, or done, is left alone', async () => {
  const clock = fakeClock()
  const limit = createTimeLimit(30_000, clock.nowMs)
  const first = Promise.withResolvers<string>()
  const second = Promise.withResolvers<string>()
  expect(await limit.run(Promise.resolve('done'))).toBe('done')
  const old = limit.run(first.promise).catch((error: unknown) => error)
  clock.advance(1)
  const young = limit.run(second.promise)
  clock.advance(29_998)
  limit.sweep()
  clock.advance(1)
  limit.sweep()
  const error = await old
  expect(error instanceof Problem && error.kind.code).toBe('unavailable')
  first.resolve('too late')
  second.resolve('in time')
  expect(await young).toBe('in time')
})

test('a failure comes through', async () => {
  const limit = createTimeLimit(30_000, fakeClock().nowMs)
  expect(limit.run(Promise.reject(new Error('own')))).rejects.toThrow('own')
})
