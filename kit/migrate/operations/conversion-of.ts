import { Problem } from '#kit/core'
import type { DialectName } from '#kit/model'
import { type Conversion, findConversion } from '../conversions.ts'
import { literal } from '../engine/sql-text.ts'
import { type Column, getColumn, getTable, type Snapshot } from '../snapshot.ts'

/** A column as it is to be. */
export interface ColumnChange {
  readonly table: string
  readonly column: Column
}

export function formerColumn({ table, column }: ColumnChange, before: Snapshot): Column {
  return getColumn(getTable(before, table), column.name)
}

/** Throws `conflict` where the values cannot become such. */
export function conversionOf(change: ColumnChange, before: Snapshot): Conversion {
  const former = formerColumn(change, before)
  const { table, column } = change
  const conversion = findConversion(former.kind, column.kind)
  if (conversion) return conversion
  throw new Problem(
    'conflict',
    `Column "${table}.${column.name}" cannot become ${column.kind}: its values are ${former.kind}.`,
  )
}

export function becomesRequired(change: ColumnChange, before: Snapshot): boolean {
  return formerColumn(change, before).isOptional && !change.column.isOptional
}

/** The converted value; where there is none and one is needed, the default. */
export function filled(dialect: DialectName, column: Column, value: string): string {
  const hasFill = !column.isOptional && column.default !== undefined
  return hasFill ? `coalesce(${value}, ${literal(dialect, column.kind, column.default)})` : value
}
