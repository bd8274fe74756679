import { expect, test } from 'bun:test'
import { firstIdAt, idsWithin } from './entry-id.ts'

const at = '2026-03-08T09:30:00.000Z'
const atMs = Date.parse(at)

test('entries of a time, and of later ones, have no lesser id; earlier ones have', () => {
  const first = firstIdAt(at)
  for (const ms of [atMs, atMs + 1, atMs + 86_400_000])
    expect(Bun.randomUUIDv7('hex', ms) >= first).toBe(true)
  expect(Bun.randomUUIDv7('hex', atMs - 1) < first).toBe(true)
  expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7000-8000-0{12}$/)
  expect(firstIdAt('1970-01-01T00:00:00.000Z')).toBe('00000000-0000-7000-8000-000000000000')
})

test('a range of times is a range of ids, its ends as wide as they are said', () => {
  const id = Bun.randomUUIDv7('hex', atMs)
  const holds = ({ gte = '', lt = '~' }: { gte?: string; lt?: string }) => id >= gte && id < lt
  expect(holds(idsWithin({ gte: at }))).toBe(true)
  expect(holds(idsWithin({ lte: at }))).toBe(true)
  expect(holds(idsWithin({ lt: at }))).toBe(false)
  expect(holds(idsWithin({ gte: '2026-03-08T09:30:00.001Z' }))).toBe(false)
  expect(idsWithin({})).toEqual({})
})
