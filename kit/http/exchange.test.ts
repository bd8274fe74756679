import { expect, test } from 'bun:test'
import { targetOf, toExchange } from './exchange.ts'

const cases: readonly (readonly [url: string, path: string, search: string])[] = [
  ['http://localhost', '/', ''],
  ['http://localhost:5000/a/b', '/a/b', ''],
  ['http://localhost/a?', '/a', ''],
  ['http://localhost/a?b=c&d=%20?/', '/a', 'b=c&d=%20?/'],
  ['http://localhost/?a=/b', '/', 'a=/b'],
  ['http://localhost/a#b', '/a', ''],
  ['http://localhost/a?b#c?d', '/a', 'b'],
  ['http://localhost/a#b?c', '/a', ''],
  ['https://[::1]:5000/%41', '/%41', ''],
]

test.each(cases)('%s', (url, path, search) => {
  const exchange = toExchange(new Request(url), { uuid: () => 'id' }, undefined)
  expect([exchange.path, exchange.search]).toEqual([path, search])
  expect(targetOf(exchange)).toBe(search === '' ? path : `${path}?${search}`)
})
