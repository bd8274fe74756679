import { expect, test } from 'bun:test'
import { callerOf, formatSource, type Source } from './source.ts'

function declare(): { readonly source: Source } {
  return { source: callerOf(declare) }
}

test('names file and line of the call', () => {
  const { source } = declare()
  expect(formatSource(source)).toBe('kit/core/source.test.ts:9')
})

test('names the file where the engine stands between', () => {
  const [declared] = [1].map(() => declare())
  expect(declared?.source.file).toBe('kit/core/source.test.ts')
})
