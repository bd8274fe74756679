import { alternativesOf, type JsonSchema } from './json-schema.ts'

let count = 0

/** A value that fits the schema, another one each time; undefined where none was found. */
export function sampleOf(schema: JsonSchema): unknown {
  const [first] = alternativesOf(schema).filter(({ type }) => type !== 'null')
  if (!first) return null
  if (first.const !== undefined) return first.const
  if (first.enum) return first.enum[0]
  const type = [first.type].flat().find((name) => name !== 'null')
  return samplers[type ?? 'any']?.(first)
}

const samplers: Readonly<Record<string, (schema: JsonSchema) => unknown>> = {
  any: () => 'sample',
  string: sampleText,
  boolean: () => true,
  integer: (schema) => Math.ceil(lowest(schema)),
  number: lowest,
  array: ({ items = {}, minItems = 0 }) =>
    Array.from({ length: Math.max(1, minItems) }, () => sampleOf(items)),
  object: ({ properties = {}, required = [] }) =>
    Object.fromEntries(
      Object.entries(properties)
        // What only some may set is left out where it can be.
        .filter(([key, inner]) => inner['x-writable-by'] === undefined || required.includes(key))
        .map(([key, inner]) => [key, sampleOf(inner)]),
    ),
}

function lowest({ minimum, exclusiveMinimum, maximum }: JsonSchema): number {
  if (minimum !== undefined) return Math.max(minimum, Math.min(1, maximum ?? 1))
  return exclusiveMinimum === undefined ? Math.min(1, maximum ?? 1) : exclusiveMinimum + 1
}

function sampleText({ pattern, format, minLength = 0, maxLength = 1000 }: JsonSchema): unknown {
  count += 1
  const number = String(count)
  const candidates = [
    `sample${number}`,
    `sample ${number}`,
    `sample-${number}-of-a-longer-text`.padEnd(minLength, 'x'),
    number.padStart(4, '7').slice(-4),
    `AB${number}`.padEnd(6, '0'),
    `sample${number}@example.com`,
    new Date(Date.UTC(2026, 0, 1) + count * 1000).toISOString(),
    '2026-01-01',
    `019b76da-a800-7000-8000-${number.padStart(12, '0')}`,
    'https://example.com/',
    '15m',
  ]
  const fits = (text: string) =>
    text.length >= minLength &&
    text.length <= maxLength &&
    (pattern === undefined || new RegExp(pattern, 'u').test(text)) &&
    (formats[format ?? '']?.test(text) ?? true)
  return candidates.find(fits)
}

const formats: Readonly<Record<string, RegExp>> = {
  email: /@/,
  uuid: /^[0-9a-f]{8}-/,
  'date-time': /T.*Z$/,
  date: /^\d{4}-\d\d-\d\d$/,
  uri: /^https:/,
}
