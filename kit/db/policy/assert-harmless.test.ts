import { describe, expect, test } from 'bun:test'
import { assertHarmless } from './assert-harmless.ts'

describe('raw fragments', () => {
  const harmless = [
    ["upper(title) || '!'"],
    ['coalesce(', ', 0)'],
    ["strftime('%Y-%m', created_at)"],
    ['count(*) filter (', ')'],
    ["'it''s; -- not a comment'"],
    ['rank in (1, 2, ', ')'],
    ['"title" desc'],
    ['case when rank > 3 then 1 else 0 end'],
  ]
  for (const fragments of harmless)
    test(`allows ${fragments.join('?')}`, () => expect(assertHarmless(fragments)).toBeUndefined())

  const harmful = [
    ['1; drop'],
    ['/* x */ 1'],
    ['1 -- x'],
    ['$$x$$'],
    ["E'\\''"],
    ["'unclosed"],
    ['"unclosed'],
    ['`notes`'],
    ['[notes]'],
    ['1)'],
    ['(1'],
    ['(', ') or (1) or )'],
    ['a, b'],
    ['x IN notes'],
    ['SeLeCt 1'],
    ['exists (table notes)'],
    ['pg_sleep(1)'],
    ['1 from notes'],
    ['x where 1'],
    ['1 order by 1 limit 1'],
    ['1 returning id'],
  ]
  for (const fragments of harmful)
    test(`refuses ${fragments.join('?')}`, () =>
      expect(() => assertHarmless(fragments)).toThrow('db.query'))
})
