import { expect, test } from 'bun:test'
import { sample, toCode } from './rules.ts'

test('a sample is of different numbers, below the total', () => {
  let turn = 0
  const random = (limit: number) => {
    turn += 7919
    return turn % limit
  }
  for (const [total, count] of [
    [10_000, 200],
    [10, 10],
    [1, 1],
    [5, 0],
  ] as const) {
    const numbers = sample(random, total, count)
    expect(new Set(numbers).size).toBe(count)
    for (const number of numbers) expect(number >= 0 && number < total).toBe(true)
  }
  expect([...sample(random, 10, 10)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
})

test('each selection, in each order, comes once for each way that chance can fall', () => {
  const counts = new Map<string, number>()
  for (let first = 0; first < 4; first += 1)
    for (let second = 0; second < 3; second += 1) {
      const drawn = [first, second].values()
      const numbers = sample(() => drawn.next().value ?? 0, 4, 2).join()
      counts.set(numbers, (counts.get(numbers) ?? 0) + 1)
    }
  expect([...counts.values()]).toEqual(Array(12).fill(1))
})

test('a code has four digits', () => {
  expect([0, 42, 9999].map(toCode)).toEqual(['0000', '0042', '9999'])
})
