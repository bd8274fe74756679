import { describe, expect, test } from 'bun:test'
import { parse } from '#kit/core'
import type { Field } from '../field.ts'
import { f } from './index.ts'

const nul = 'a\0b'
const half = 'a\ud800'

/** For each field: what it takes (and makes of it) and what it refuses. */
const cases: Record<
  string,
  { field: Field; takes: unknown[] | [unknown, unknown][]; refuses: unknown[] }
> = {
  text: {
    field: f.text({ min: 1, max: 3 }) as Field,
    takes: ['a', 'abc', '🙂🙂🙂', ' a ', '\u{10ffff}'],
    refuses: ['', 'abcd', '🙂🙂🙂🙂', nul, half, 5, null, true, ['a']],
  },
  'text, trimmed': {
    field: f.text({ min: 1, max: 3, trim: true }) as Field,
    takes: [
      ['  abc  ', 'abc'],
      ['\ta\n', 'a'],
    ],
    refuses: ['   ', '', ' abcd '],
  },
  'text with a pattern': {
    field: f.text({ max: 4, pattern: /^\d{4}$/, hint: 'Four digits.' }) as Field,
    takes: ['0000', '1234'],
    refuses: ['123', '12345', '１２３４', 1234],
  },
  integer: {
    field: f.integer() as Field,
    takes: [0, [-0, 0], 2 ** 53 - 1, -(2 ** 53 - 1), 5.0],
    refuses: [5.5, 2 ** 53, '5', NaN, Infinity, true, null],
  },
  'integer within limits': {
    field: f.integer({ min: 0, max: 99 }) as Field,
    takes: [0, 99],
    refuses: [-1, 100],
  },
  number: {
    field: f.number() as Field,
    takes: [0.1, -1e308, 5, [-0, 0]],
    refuses: ['0.1', NaN, Infinity, null],
  },
  boolean: { field: f.boolean() as Field, takes: [true, false], refuses: ['true', 1, 0, null] },
  choice: { field: f.choice(['a', 'b']) as Field, takes: ['a', 'b'], refuses: ['A', '', 'c', 0] },
  instant: {
    field: f.instant() as Field,
    takes: [
      ['2026-03-08T09:30:00.123Z', '2026-03-08T09:30:00.123Z'],
      ['2026-03-08T09:30:00Z', '2026-03-08T09:30:00.000Z'],
      ['2026-03-08T09:30:00.123456789+02:00', '2026-03-08T07:30:00.123Z'],
      ['2024-02-29T00:00-12:00', '2024-02-29T12:00:00.000Z'],
    ],
    refuses: [
      '2026-03-08',
      '2026-03-08T09:30:00',
      '2026-02-30T00:00:00Z',
      '2026-02-29T00:00:00Z',
      '2026-13-01T00:00:00Z',
      '2026-03-08T24:00:00Z',
      '2026-03-08T09:60:00Z',
      '2026-03-08 09:30:00Z',
      '0000-00-00T00:00:00Z',
      'now',
      0,
      null,
    ],
  },
  date: {
    field: f.date() as Field,
    takes: ['2026-03-08', '2024-02-29'],
    refuses: ['2026-02-29', '2026-3-8', '2026-03-08T00:00:00Z', '20260308', 5],
  },
  uuid: {
    field: f.uuid() as Field,
    takes: [['01A1FC4B-CBF0-7435-B817-B44B0500F4E3', '01a1fc4b-cbf0-7435-b817-b44b0500f4e3']],
    refuses: ['01a1fc4bcbf07435b817b44b0500f4e3', 'x', '', 1],
  },
  serial: { field: f.serial() as Field, takes: [1, 2 ** 53 - 1], refuses: [0, -1, 1.5, '1'] },
  json: {
    field: f.json() as Field,
    takes: [{ a: [1, 'x', null] }, [], 'x', 0, false],
    refuses: [null, undefined],
  },
}

for (const [name, { field, takes, refuses }] of Object.entries(cases))
  describe(name, () => {
    const { schema } = field.spec.use
    for (const taken of takes) {
      const [given, made] = Array.isArray(taken) && taken.length === 2 ? taken : [taken, taken]
      test(`takes ${JSON.stringify(given)}`, () =>
        expect(parse(schema, given)).toEqual({ ok: true, value: made }))
    }
    for (const refused of refuses)
      test(`refuses ${JSON.stringify(refused) ?? 'undefined'} (${typeof refused})`, () =>
        expect(parse(schema, refused).ok).toBe(false))
  })

describe('text of a query parameter', () => {
  const read: [Field, string, unknown][] = [
    [f.boolean() as Field, 'true', true],
    [f.boolean() as Field, 'True', undefined],
    [f.boolean() as Field, 'constructor', undefined],
    [f.boolean() as Field, '1', undefined],
    [f.integer() as Field, '-12', -12],
    [f.integer() as Field, '1e3', undefined],
    [f.integer() as Field, '9007199254740992', undefined],
    [f.integer() as Field, '', undefined],
    [f.integer() as Field, '0x10', undefined],
    [f.number() as Field, '1.5e3', 1500],
    [f.number() as Field, 'Infinity', undefined],
    [f.serial() as Field, '0', undefined],
    [f.serial() as Field, '7', 7],
    [f.instant() as Field, '2026-03-08T09:30:00Z', '2026-03-08T09:30:00.000Z'],
    [f.instant() as Field, 'yesterday', undefined],
    [f.uuid() as Field, 'x', undefined],
    [f.text({ max: 9 }) as Field, nul, undefined],
  ]
  for (const [field, text, value] of read)
    test(`${field.spec.use.kind.name} reads ${JSON.stringify(text)}`, () =>
      expect(field.spec.use.kind.fromText(text)).toBe(value as never))
})
