import { describe, expect, test } from 'bun:test'
import { type ShowOptions, show } from './show.ts'

const options: ShowOptions = { hidden: new Set(['pin_hash']), isJson: false, width: 80 }

describe('show', () => {
  test('rows as a table, as wide as what is in them', () => {
    const rows = [
      { id: 1, title: 'Tee 茶', done: true },
      { id: 20, title: null, done: false },
    ]
    expect(show(rows, options)).toEqual([
      'id  title   done',
      '--  ------  -----',
      '1   Tee 茶  true',
      '20          false',
    ])
  })

  test('cuts wide columns where the terminal has no room, and no character in two', () => {
    const rows = [{ id: 1, text: '茶'.repeat(60), more: 'x'.repeat(60) }]
    const [, , line = ''] = show(rows, options)
    expect(line).toBe(`1   ${'茶'.repeat(17)}…   ${'x'.repeat(35)}…`)
    expect(show(rows, { ...options, width: 1000 })[2]).toEndWith('x'.repeat(60))
  })

  test('control characters move no cursor', () => {
    expect(show([{ text: '\u001b[2J\n' }], options)[2]).toBe('\\u001b[2J\\n')
  })

  test('never what is hidden: in rows, pages and nested values; but that there is none', () => {
    const row = { id: 1, pin_hash: 'secret' }
    const shown = [row, [row], { rows: [row], next: 'x', total: 1 }, { a: [{ row }] }]
    for (const value of shown) {
      expect(show(value, options).join()).not.toContain('secret')
      expect(show(value, { ...options, isJson: true }).join()).not.toContain('secret')
    }
    expect(show([{ pin_hash: null }], { ...options, isJson: true })).toEqual(['{"pin_hash":null}'])
  })

  test('a page says whether there is more', () => {
    expect(show({ rows: [], next: undefined, total: 0 }, options)).toEqual(['no rows', '0 in all'])
    expect(show({ rows: [{ id: 1 }], next: 'abc', total: undefined }, options).at(-1)).toBe(
      "more: cursor: 'abc'",
    )
  })

  test('anything else as it is, and nothing for nothing', () => {
    expect(show(undefined, options)).toEqual([])
    expect(show(42, options)).toEqual(['42'])
    expect(show([1, 2], options)).toEqual(['[ 1, 2 ]'])
  })
})
