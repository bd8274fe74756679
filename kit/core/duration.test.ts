import { describe, expect, test } from 'bun:test'
import { fromDuration } from './duration.ts'

describe('fromDuration', () => {
  test.each([
    ['900', 900_000],
    ['0', 0],
    ['45s', 45_000],
    ['15m', 900_000],
    ['24h', 86_400_000],
    ['7d', 604_800_000],
    ['30d', 2_592_000_000],
  ])('%s', (text, ms) => expect(fromDuration(text)).toBe(ms))

  test.each(['', 'm', '1.5h', '-1', '1w', '15 m', '15M', '1h30m', '0x10', '1e3', '99999999999999'])(
    '"%s" is none',
    (text) => expect(fromDuration(text)).toBeUndefined(),
  )
})
