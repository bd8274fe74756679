import { expect, test } from 'bun:test'
import { isUuid } from '#kit/core'
import { fakeClock } from './fake-clock.ts'
import { seededIds } from './seeded-ids.ts'

test('a fake clock goes on only when it is told to', () => {
  const clock = fakeClock(1000)
  expect(clock.nowMs()).toBe(1000)
  clock.advance(500)
  expect(clock.nowMs()).toBe(1500)
})

test('seeded ids are UUIDs, repeat themselves, sort by their making and differ by seed', () => {
  const clock = fakeClock()
  const make = (seed: number) => {
    const ids = seededIds(clock, seed)
    return [ids.uuid(), ids.uuid(), ids.uuid()]
  }
  const first = make(1)
  expect(first.every(isUuid)).toBe(true)
  expect(make(1)).toEqual(first)
  expect([...first].sort()).toEqual(first)
  expect(new Set([...first, ...make(2)]).size).toBe(6)
})
