import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { formatJson } from './format-json.ts'
import { placeOfJsonFault } from './json-place.ts'

const faults: readonly (readonly [string, number, number])[] = [
  ['', 1, 1],
  ['{', 1, 2],
  ['{"a" 1}', 1, 6],
  ['{"a": 1,\n "b": [1,,2]}', 2, 10],
  ['{"a": "x', 1, 7],
  ['{"a":1}\n<<<<<', 2, 1],
  ['[1, 2}', 1, 6],
  ['{"a": 1,}', 1, 9],
  ['{\n  "a": nul\n}', 2, 8],
]

describe('placeOfJsonFault', () => {
  for (const [text, line, column] of faults)
    test(JSON.stringify(text), () => expect(placeOfJsonFault(text)).toEqual({ line, column }))

  test('is within what was cut off or spoilt', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), (json, at) => {
        const cut = at % (json.length + 1)
        const spoilt = `${json.slice(0, cut)}\n§`
        const { line } = placeOfJsonFault(spoilt)
        expect(line).toBeLessThanOrEqual(2)
        expect(() => JSON.parse(spoilt)).toThrow()
      }),
    )
  })
})

test('formatJson says the same as JSON.stringify, on lines for people', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      const value: unknown = JSON.parse(json)
      expect(JSON.parse(formatJson(value))).toEqual(value as never)
    }),
  )
  expect(formatJson({ a: [1, { b: 'x'.repeat(90) }], c: {} })).toBe(
    `{\n  "a": [\n    1,\n    {\n      "b": "${'x'.repeat(90)}"\n    }\n  ],\n  "c": {}\n}`,
  )
})
