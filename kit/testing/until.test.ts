import { expect, test } from 'bun:test'
import { until } from './until.ts'

test('waits until it is so', async () => {
  let asked = 0
  await until('the third time', async () => {
    asked += 1
    return asked === 3
  })
  expect(asked).toBe(3)
})

test('gives up, and says what it has waited for', async () => {
  await expect(until('a miracle', () => false, 1)).rejects.toThrow('Waited in vain for a miracle.')
})
