import { expect, test } from 'bun:test'
import { nearestOf } from './nearest.ts'

const known = ['start', 'dev', 'routes', 'migrate up', 'migrate status', 'doctor']

test.each([
  ['strat', 'start'],
  ['route', 'routes'],
  ['docter', 'doctor'],
  ['migrate stats', 'migrate status'],
  ['de', 'dev'],
])('%s is meant to be %s', (typed, meant) => {
  expect(nearestOf(typed, known)).toBe(meant)
})

test.each(['', 'x', 'completely-else'])('%p is like none of them', (typed) => {
  expect(nearestOf(typed, known)).toBeUndefined()
})
