import { describe, expect, test } from 'bun:test'
import { atLeast, atMost } from './finding.ts'
import { parseOptions, partNames } from './options.ts'
import { toTables } from './report.ts'
import { taskIds } from './seed.ts'
import { median, ratioOf } from './statistics.ts'

describe('options', () => {
  test('defaults, and what --quick changes', () => {
    expect(parseOptions([])).toMatchObject({
      ...{ connections: 32, seconds: 4, rounds: 7 },
      warmUp: { firstSeconds: 8, laterSeconds: 1 },
    })
    expect(parseOptions(['--quick'])).toMatchObject({
      ...{ connections: 32, seconds: 1.5, rounds: 3 },
      warmUp: { firstSeconds: 3, laterSeconds: 1 },
    })
  })

  test('all parts run but those that must be named; --postgres runs what is on it', () => {
    const usual = partNames.filter((name) => name !== 'copy' && name !== 'migrate')
    expect([...(parseOptions([])?.only ?? [])]).toEqual(usual)
    expect([...(parseOptions(['--only', 'migrate,copy'])?.only ?? [])]).toEqual(['copy', 'migrate'])
    expect([...(parseOptions(['--postgres'])?.only ?? [])]).toEqual([
      'postgres-read',
      'postgres-list',
      'postgres-create',
      'postgres-audit',
    ])
  })

  test.each([
    ['--connections', '0'],
    ['--connections', '1.5'],
    ['--rounds', 'x'],
    ['--only', 'read,nothing'],
    ['--fast', ''],
  ])('%s %s is refused', (name, value) => {
    expect(() => parseOptions([name, value])).toThrow()
  })
})

describe('statistics', () => {
  test('median', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 2, 3])).toBe(2.5)
  })

  test('a ratio is taken round by round', () => {
    // The second round was slow for both.
    expect(ratioOf([80, 8, 90], [100, 10, 100])).toEqual({ value: 0.8, lowest: 0.8, highest: 0.9 })
  })
})

test('the tasks of a dataset are dealt out in turn, to the last', () => {
  const dataset = { users: 3, tasks: 8 }
  expect([0, 1, 2].map((user) => taskIds(dataset, user))).toEqual([
    [1, 4, 7],
    [2, 5, 8],
    [3, 6],
  ])
})

test('a finding against another opponent stands under the first', () => {
  const cells = { ratio: '1.00' }
  const titles = ['read', 'read / bare, singly', 'list / bare']
  const lines = toTables(titles.map((title) => ({ title, cells, data: null }))).split('\n')
  expect(lines.slice(2).map((line) => line.split('  1')[0]?.trimEnd())).toEqual([
    'read',
    '  / bare, singly',
    'list / bare',
  ])
})

test('findings with the same columns make one table, with their targets', () => {
  const findings = [
    { title: 'one', cells: { ratio: '0.71' }, target: atLeast(0.7, 0.71), data: null },
    { title: 'two', cells: { ratio: '12.5' }, data: null },
    { title: 'start', cells: { seconds: '0.3' }, target: atMost(0.25, 0.3, ' s'), data: null },
  ]
  expect(toTables(findings)).toBe(
    [
      '      ratio   target',
      '───────────────────────',
      'one    0.71   ≥ 0.7 met',
      'two    12.5',
      '',
      '        seconds   target',
      '─────────────────────────────────',
      'start       0.3   ≤ 0.25 s MISSED',
    ].join('\n'),
  )
})
