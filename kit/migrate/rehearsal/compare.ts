import { isDeepStrictEqual } from 'node:util'
import { lossesByHand } from '../accept-loss.ts'
import type { MigrationFile } from '../files/migration-file.ts'
import { applyOperation, followColumn, lossesOf } from '../operation.ts'
import type { Place } from '../operations/kind.ts'
import type { Snapshot } from '../snapshot.ts'
import type { ColumnSurvey, Survey } from './survey.ts'

/** What became of the values of a column that was there before. */
export interface ColumnFate {
  readonly table: string
  readonly column: string
  /** How many rows had a value. */
  readonly values: number
  /** After up: `same`; `other` values, or the same in another form; or the column is `gone`. */
  readonly up: 'same' | 'other' | 'gone'
  /**
   * After up and down: `same`; `filled` where rows have got a value that had none; `other` values; or fewer,
   * which are `lost`.
   */
  readonly back: 'same' | 'filled' | 'other' | 'lost'
  readonly valuesBack: number
  /** Whether a file says that it loses them. */
  readonly isSaid: boolean
}

export interface Comparison {
  /** All tables before. */
  readonly before: Snapshot
  readonly files: readonly MigrationFile[]
  readonly start: Survey
  readonly raised: Survey
  readonly end: Survey
}

/** The fate of every column that was there before. */
export function compareColumns(comparison: Comparison): ColumnFate[] {
  return comparison.before.tables.flatMap((table) =>
    table.columns.map((column) =>
      fateOf(comparison, { table: table.name, column: column.name }, column.isOptional),
    ),
  )
}

const none: ColumnSurvey = { values: 0, checksum: '0' }

function fateOf(comparison: Comparison, place: Place, isOptional: boolean): ColumnFate {
  const { start, end } = comparison
  const first = find(start, place) ?? none
  const back = find(end, place) ?? none
  return {
    ...place,
    values: first.values,
    up: fateUp(comparison, place, first),
    back: fateBack(first, back, isOptional),
    valuesBack: back.values,
    isSaid: isSaid(comparison, place),
  }
}

function fateUp(comparison: Comparison, place: Place, first: ColumnSurvey): ColumnFate['up'] {
  const operations = comparison.files.flatMap((file) => file.read().up)
  const moved = followColumn(operations, place)
  const raised = moved && find(comparison.raised, moved)
  if (!raised) return 'gone'
  return isDeepStrictEqual(first, raised) ? 'same' : 'other'
}

function fateBack(
  first: ColumnSurvey,
  back: ColumnSurvey,
  isOptional: boolean,
): ColumnFate['back'] {
  if (isDeepStrictEqual(first, back)) return 'same'
  if (back.values < first.values) return 'lost'
  return isOptional && back.values > first.values ? 'filled' : 'other'
}

function find({ tables }: Survey, { table, column }: Place): ColumnSurvey | undefined {
  return tables[table]?.columns[column]
}

/** What is written into `loses` by hand may be about any column. */
function isSaid({ files, before }: Comparison, start: Place): boolean {
  let state = before
  let place: Place | undefined = start
  for (const file of files) {
    if (lossesByHand(file, state).length > 0) return true
    for (const operation of file.read().up) {
      const subjects = lossesOf(state, operation).map(({ subject }) => subject)
      if (subjects.includes(`${place.table}.${place.column}`) || subjects.includes(place.table))
        return true
      place = followColumn([operation], place)
      if (!place) return false
      state = applyOperation(state, operation)
    }
  }
  return false
}

/** Where two states that should be the same differ: schema, row counts and checksums; for people. */
export function differences(expected: Survey, found: Survey): string[] {
  return [...schemaDifferences(expected, found), ...rowDifferences(expected, found)]
}

export function schemaDifferences(expected: Survey, found: Survey): string[] {
  const names = new Set([...expected.schema, ...found.schema].map(({ name }) => name))
  const tableIn = ({ schema }: Survey, wanted: string) => schema.find(({ name }) => name === wanted)
  return [...names].flatMap((name) => {
    const [one, other] = [tableIn(expected, name), tableIn(found, name)]
    if (!one) return [`table ${name} is there`]
    if (!other) return [`table ${name} is missing`]
    const parts = Object.keys(one).filter((part) => !isDeepStrictEqual(one[part], other[part]))
    return parts.map((part) => `table ${name} has other ${part}`)
  })
}

export function countDifferences(expected: Survey, found: Survey) {
  return Object.entries(expected.tables).flatMap(([table, { rows }]) => {
    const now = found.tables[table]?.rows ?? 0
    return now === rows ? [] : [{ table, text: `table ${table} has ${now} rows, not ${rows}` }]
  })
}

function rowDifferences(expected: Survey, found: Survey): string[] {
  const values = Object.entries(expected.tables).flatMap(([table, { columns }]) =>
    Object.entries(columns)
      .filter(([column, values]) => !isDeepStrictEqual(values, find(found, { table, column })))
      .map(([column]) => `column ${table}.${column} has other values`),
  )
  return [...countDifferences(expected, found).map(({ text }) => text), ...values]
}
