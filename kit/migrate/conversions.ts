import type { DialectName } from '#kit/model'

type Expressions = Readonly<Record<DialectName, (column: string) => string>>

/** How the values of one kind become those of another. */
export interface Conversion {
  readonly value: Expressions
  /** Holds for values that cannot be converted: where there is one, the migration is refused. */
  readonly refused?: Expressions
  /** What of a value is gone for good. */
  readonly loses?: string
}

const same = (column: string) => column
const asIs: Conversion = { value: { sqlite: same, postgres: same } }
const safe = Number.MAX_SAFE_INTEGER
const isUnsafe = (column: string) => `abs(${column}) > ${safe}`

/** The conversions that need no judgement, by `from>to`. Any other is written by hand, as an `sql` operation. */
const conversions: Readonly<Record<string, Conversion>> = Object.freeze({
  'text>choice': asIs,
  'choice>text': asIs,
  'integer>number': {
    value: {
      sqlite: (column) => `CAST(${column} AS REAL)`,
      postgres: (column) => `${column}::double precision`,
    },
  },
  'number>integer': {
    value: {
      sqlite: (column) => `CAST(${column} AS INTEGER)`,
      postgres: (column) => `trunc(${column})::bigint`,
    },
    refused: { sqlite: isUnsafe, postgres: isUnsafe },
    loses: 'what stands behind the decimal point',
  },
  'integer>text': {
    value: {
      sqlite: (column) => `CAST(${column} AS TEXT)`,
      postgres: (column) => `${column}::text`,
    },
  },
  'text>integer': {
    value: {
      sqlite: (column) => `CAST(${column} AS INTEGER)`,
      postgres: (column) => `${column}::bigint`,
    },
    refused: {
      // Only a whole number, spelled as we spell it, is the same text after the way there and back.
      sqlite: (column) =>
        `CAST(CAST(${column} AS INTEGER) AS TEXT) <> ${column} OR abs(CAST(${column} AS INTEGER)) > ${safe}`,
      postgres: (column) => `${column} !~ '^(0|-?[1-9][0-9]{0,14})$'`,
    },
  },
  'boolean>integer': {
    value: { sqlite: same, postgres: (column) => `${column}::int::bigint` },
  },
  'integer>boolean': {
    value: {
      sqlite: (column) => `(${column} <> 0)`,
      postgres: (column) => `(${column} <> 0)`,
    },
    loses: 'any number but 0 and 1',
  },
  'date>instant': {
    value: {
      sqlite: (column) => `${column} || 'T00:00:00.000Z'`,
      postgres: (column) => `${column}::timestamp AT TIME ZONE 'UTC'`,
    },
  },
  'instant>date': {
    value: {
      sqlite: (column) => `substr(${column}, 1, 10)`,
      postgres: (column) => `(${column} AT TIME ZONE 'UTC')::date`,
    },
    loses: 'the time of day',
  },
} satisfies Record<string, Conversion>)

/** Undefined where the one cannot become the other without somebody's judgement. */
export function findConversion(from: string, to: string): Conversion | undefined {
  return from === to ? asIs : conversions[`${from}>${to}`]
}
