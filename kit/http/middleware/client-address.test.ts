import { expect, test } from 'bun:test'
import { clientAddress } from './client-address.ts'

const cases: readonly (readonly [
  name: string,
  forwarded: string | null,
  trust: number,
  expected: string,
])[] = [
  ['nobody is trusted', '1.1.1.1', 0, '10.0.0.1'],
  ['one proxy: the last entry', '6.6.6.6, 203.0.113.7', 1, '203.0.113.7'],
  ['two proxies: the last but one', '6.6.6.6, 203.0.113.7, 10.0.0.2', 2, '203.0.113.7'],
  ['fewer entries than proxies: the first', '203.0.113.7', 3, '203.0.113.7'],
  ['no header: the peer', null, 1, '10.0.0.1'],
  ['no address: the peer', 'unknown', 1, '10.0.0.1'],
  ['a script: the peer', '<script>', 1, '10.0.0.1'],
  ['nothing after the comma: the peer', '203.0.113.7, ', 1, '10.0.0.1'],
  ['with a port', '203.0.113.7:4711', 1, '203.0.113.7'],
  ['IPv6 with a port', '[2001:DB8::1]:4711', 1, '2001:db8::1'],
  ['IPv6', '2001:db8::1', 1, '2001:db8::1'],
  ['IPv4 in IPv6', '::ffff:203.0.113.7', 1, '203.0.113.7'],
]

test.each(cases)('%s', (...[, forwarded, trust, expected]) => {
  const headers = new Headers(forwarded === null ? {} : { 'x-forwarded-for': forwarded })
  expect(clientAddress(headers, '10.0.0.1', trust)).toBe(expected)
})

test('a peer is asked for when it is wanted; none is unknown', () => {
  expect(clientAddress(new Headers(), () => '::ffff:10.0.0.1', 0)).toBe('10.0.0.1')
  expect(clientAddress(new Headers(), undefined, 0)).toBe('unknown')
})
