import type { ColumnRow } from '../../types.ts'

type Convert = (value: unknown) => unknown

/** By the number PostgreSQL gives a type: what makes of the driver's value the one SQLite answers. */
const converters: Readonly<Record<number, Convert>> = {
  // int8, and numeric: the sum of int8.
  20: toInteger,
  1700: Number,
  // date, as midnight in UTC.
  1082: (value) => (value instanceof Date ? value.toISOString().slice(0, 10) : value),
  // timestamp and timestamptz.
  1114: toInstantText,
  1184: toInstantText,
}

interface Column {
  readonly name: string
  readonly type: number
}

/** The runs of a prepared statement share the list of its columns. */
const known = new WeakMap<readonly Column[], readonly (readonly [string, Convert])[]>()

/** Turns the values of these rows into those that SQLite would have answered, in place. */
export function decodeColumns(rows: ColumnRow[], columns: readonly Column[]): ColumnRow[] {
  const converted = known.get(columns) ?? remember(columns)
  for (const row of rows)
    for (const [name, convert] of converted) {
      const value = row[name]
      if (value !== null) row[name] = convert(value)
    }
  return rows
}

function remember(columns: readonly Column[]) {
  const converted = columns.flatMap(({ name, type }) => {
    const convert = converters[type]
    return convert ? [[name, convert] as const] : []
  })
  known.set(columns, converted)
  return converted
}

function toInteger(value: unknown): number {
  const number = Number(value)
  if (Number.isSafeInteger(number)) return number
  throw new RangeError(`The database holds ${value}: no JavaScript number is that exact.`)
}

function toInstantText(value: unknown): unknown {
  return value instanceof Date ? value.toISOString() : value
}
