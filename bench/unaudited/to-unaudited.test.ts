import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { toUnaudited } from './to-unaudited.ts'

const file = join(import.meta.dir, '../../tools/tasks/model.ts')

test('the model of tasks can be declared without audit, with nothing else changed', async () => {
  const source = await Bun.file(file).text()
  const unaudited = toUnaudited(source)
  expect(unaudited.replace(' audit: false,', '')).toBe(source)
  expect(unaudited).not.toBe(source)
})

test('a model that is declared otherwise is refused', () => {
  expect(() => toUnaudited("defineModel('item', {})")).toThrow('must say')
  expect(() => toUnaudited("defineModel('task', { audit: true })")).toThrow('must say')
})
