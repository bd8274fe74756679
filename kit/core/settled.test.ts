import { expect, test } from 'bun:test'
import { settled } from './settled.ts'

test('a value, and that of a promise that is fulfilled, is answered as it is', () => {
  expect(settled(7)).toBe(7)
  expect(settled(undefined)).toBeUndefined()
  expect(settled(Promise.resolve('here'))).toBe('here')
  expect(settled((async () => 'returned')())).toBe('returned')
})

test('a promise that is pending or rejected stays one', async () => {
  const pending = Promise.withResolvers<string>()
  expect(settled(pending.promise)).toBe(pending.promise)
  pending.resolve('later')
  expect(await settled(pending.promise)).toBe('later')
  const rejected = Promise.reject(new Error('no'))
  const still = settled(rejected)
  expect(still).toBe(rejected)
  expect(await rejected.catch(({ message }) => message)).toBe('no')
})
