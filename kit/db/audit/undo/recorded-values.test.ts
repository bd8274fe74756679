import { describe, expect, test } from 'bun:test'
import { defineModel, f } from '#kit/model'
import { secretChanged } from '../audit-draft.ts'
import { isAsLeft, toRestored, toRestoredRow } from './recorded-values.ts'

const Cup = defineModel('cup', {
  id: f.serial(),
  access: { read: 'admin', write: 'admin' },
  fields: {
    label: f.text({ max: 5, trim: true }).was('name'),
    colour: f.choice(['red', 'blue']).default('red'),
    note: f.text({ max: 9 }).optional(),
    parts: f.json().optional(),
    hash: f.text({ max: 9 }).optional().internal(),
    seen_at: f.instant().optional().untracked(),
  },
})
const at = '2026-03-08T09:30:00.000Z'
const times = { created_at: at, updated_at: at }

describe('values of an entry as the model has them today', () => {
  test.each([
    ['a field that is no more', { size: 1 }, 'cup has no field "size" any more.'],
    ['a value that is too long now', { label: 'longer' }, 'former value of "label" is not allowed'],
    ['a choice that is none now', { colour: 'green' }, 'former value of "colour"'],
    ['nothing where there must be something', { label: null }, '"label" must have a value now'],
    ['a secret', { hash: secretChanged }, '"hash" is secret, and the trail does not hold'],
    ['what became a secret since', { hash: 'plain' }, '"hash" is secret now'],
  ])('%s is refused', (_, recorded, reason) => {
    const restored = toRestored(Cup, recorded)
    expect(restored).toEqual({ ok: false, reason: expect.stringContaining(reason) })
  })

  test('a field that was renamed takes its value along', () => {
    expect(toRestored(Cup, { name: 'A' })).toEqual({ ok: true, values: { label: 'A' } })
    expect(isAsLeft(Cup, { name: 'A' }, { label: 'A' })).toBe(true)
    expect(isAsLeft(Cup, { name: 'A' }, { label: 'B' })).toBe(false)
  })

  test('a value is set back to the letter', () => {
    expect(toRestored(Cup, { label: ' a ' })).toEqual({ ok: true, values: { label: ' a ' } })
  })

  test('a row has the defaults of fields that came since', () => {
    expect(toRestoredRow(Cup, { id: 1, label: 'A', ...times })).toEqual({
      ok: true,
      values: {
        ...{ id: 1, label: 'A', ...times },
        ...{ colour: 'red', note: null, parts: null, hash: null, seen_at: null },
      },
    })
  })

  test('a row lacks a field that must be given now', () => {
    const restored = toRestoredRow(Cup, { id: 1, ...times })
    expect(restored).toEqual({ ok: false, reason: expect.stringContaining('"label" must have') })
  })
})

describe('a row is as it was left', () => {
  test.each([
    ['with the same values', { label: 'A', parts: { a: [1], b: 2 } }, true],
    ['with the keys of JSON in another order', { parts: { b: 2, a: [1] } }, true],
    ['with another value', { label: 'B' }, false],
    ['with a value where there was none', { note: null }, false],
    ['with a secret, whichever', { hash: secretChanged }, true],
    ['without the secret', { hash: null }, false],
    ['with another value of what is not tracked', { seen_at: null }, true],
    ['with a field less', { size: 1, label: 'A' }, true],
  ])('%s', (_, left, expected) => {
    const row = { label: 'A', note: 'x', parts: { a: [1], b: 2 }, hash: 'h', seen_at: at }
    expect(isAsLeft(Cup, left, row)).toBe(expected)
  })
})
