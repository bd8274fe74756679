import { alternativesOf, type JsonSchema, typesOf } from './json-schema.ts'
import { sampleOf } from './sample.ts'

/** A body with one thing wrong in it. */
export interface BodyFault {
  readonly label: string
  readonly body: unknown
  /** The key that must be named; undefined where the whole body is meant. */
  readonly path: string | undefined
}

type Body = Readonly<Record<string, unknown>>

/** Bodies that are no such object, each in another way: derived from the schema, so that no field is forgotten. */
export function bodyFaults(schema: JsonSchema): BodyFault[] {
  const objects = alternativesOf(schema).filter(({ properties }) => properties)
  const whole = [null, [], 'text', 5, true].map((body) => ({
    label: `body ${JSON.stringify(body)}`,
    body,
    path: undefined,
  }))
  return [...whole, ...objects.flatMap(objectFaults)]
}

function objectFaults(schema: JsonSchema): BodyFault[] {
  const { properties = {}, required = [] } = schema
  const sound = sampleOf(schema) as Body
  const keyFaults = Object.entries(properties).flatMap(([key, inner]) =>
    wrongValuesOf(inner).map((value) => ({
      label: `${key} ${shorten(value)}`,
      body: { ...sound, [key]: value },
      path: key,
    })),
  )
  const missing = required.map((key) => {
    const { [key]: _, ...body } = sound
    return { label: `no ${key}`, body, path: key }
  })
  return [...keyFaults, ...missing]
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 40 ? `${text.slice(0, 40)}… (${text.length})` : text
}

/** One value of each type. Whatever type a field has not, it must refuse. */
const examples: readonly (readonly [types: readonly string[], value: unknown])[] = [
  [['string'], 'true'],
  [['string'], '5'],
  [['integer', 'number'], 1],
  [['number'], 5.5],
  [['boolean'], true],
  [['null'], null],
  [['array'], ['sample']],
  [['object'], { sample: 1 }],
]

function wrongValuesOf(schema: JsonSchema): unknown[] {
  const types = typesOf(schema)
  if (types.size === 0) return []
  const ofOtherTypes = examples.flatMap(([names, value]) =>
    names.some((name) => types.has(name)) ? [] : [value],
  )
  const alternatives = alternativesOf(schema)
  // Beyond the limits of one alternative may be within those of another.
  const [only, ...others] = alternatives.filter(({ type }) => type !== 'null')
  return only && others.length === 0 ? [...ofOtherTypes, ...beyondLimits(only)] : ofOtherTypes
}

function beyondLimits(schema: JsonSchema): unknown[] {
  const type = [schema.type].flat().find((name) => name !== 'null')
  if (schema.enum ?? schema.const) return type === 'string' ? ['contract-nonsense', ''] : []
  return limits[type ?? '']?.(schema) ?? []
}

const limits: Readonly<Record<string, (schema: JsonSchema) => unknown[]>> = {
  string: ({ minLength = 0, maxLength, pattern }) => [
    'a\0bcdefgh',
    'a\ud800bcdefgh',
    ...(minLength > 0 ? [''] : []),
    ...(maxLength === undefined ? [] : ['x'.repeat(maxLength + 1), '𝔘'.repeat(maxLength + 1)]),
    ...(pattern !== undefined && !new RegExp(pattern, 'u').test('§ § § §') ? ['§ § § §'] : []),
  ],
  integer: (schema) => [5.5, 1e300, ...beyondRange(schema)],
  number: beyondRange,
  array: ({ items = {}, minItems = 0, maxItems }) => [
    ...wrongValuesOf(items).map((value) => [value]),
    ...(minItems > 0 ? [[]] : []),
    ...(maxItems === undefined
      ? []
      : [Array.from({ length: maxItems + 1 }, () => sampleOf(items))]),
  ],
  object: (schema) => objectFaults(schema).map(({ body }) => body),
}

function beyondRange({ minimum, maximum, exclusiveMinimum }: JsonSchema): number[] {
  return [
    ...(minimum === undefined ? [] : [minimum - 1]),
    ...(exclusiveMinimum === undefined ? [] : [exclusiveMinimum]),
    ...(maximum === undefined ? [] : [maximum + 1]),
  ]
}
