import { expect, test } from 'bun:test'
import { problemOf } from '#kit/testing'
import { dayRangeQuery, toDayRange } from './day-range.ts'

const shop = 'America/Los_Angeles'

test('both days are in it, whole, however long they are', () => {
  expect(toDayRange({ from: '2026-03-08', to: '2026-03-08' }, shop)).toEqual({
    gte: '2026-03-08T08:00:00.000Z',
    lt: '2026-03-09T07:00:00.000Z',
  })
  expect(toDayRange({ from: '2026-11-01', to: '2026-11-01' }, shop)).toEqual({
    gte: '2026-11-01T07:00:00.000Z',
    lt: '2026-11-02T08:00:00.000Z',
  })
})

test('one end, or none, may be open', () => {
  expect(toDayRange({ from: '2026-09-06' }, 'America/Santiago')).toEqual({
    gte: '2026-09-06T04:00:00.000Z',
  })
  expect(toDayRange({ to: '2026-01-01' }, 'UTC')).toEqual({ lt: '2026-01-02T00:00:00.000Z' })
  expect(toDayRange({}, 'UTC')).toBeUndefined()
})

test('an end before the beginning is invalid', async () => {
  const asked = async () => toDayRange({ from: '2026-01-02', to: '2026-01-01' }, 'UTC')
  expect((await problemOf(asked())).errors).toMatchObject([{ path: 'to' }])
})

test('what is no day is none', () => {
  for (const text of ['2026-02-30', '0999-01-01', '9999-01-01', '2026-1-1', '', 'today'])
    expect([text, dayRangeQuery.from.safeParse(text).success]).toEqual([text, false])
})
