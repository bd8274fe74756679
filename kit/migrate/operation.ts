import { z } from 'zod'
import type { DialectName } from '#kit/model'
import { amongGuards } from './engine/append-only.ts'
import type { Step } from './engine/step.ts'
import { addColumn } from './operations/add-column.ts'
import { changeColumn } from './operations/change-column.ts'
import { createIndex } from './operations/create-index.ts'
import { createTable } from './operations/create-table.ts'
import { dropColumn } from './operations/drop-column.ts'
import { dropIndex } from './operations/drop-index.ts'
import { dropTable } from './operations/drop-table.ts'
import type { Changes, Loss, OperationKind, Place } from './operations/kind.ts'
import { renameColumn } from './operations/rename-column.ts'
import { renameTable } from './operations/rename-table.ts'
import { setAppendOnly } from './operations/set-append-only.ts'
import { sql } from './operations/sql.ts'
import type { Snapshot } from './snapshot.ts'

const kinds = {
  create_table: createTable,
  drop_table: dropTable,
  rename_table: renameTable,
  add_column: addColumn,
  drop_column: dropColumn,
  rename_column: renameColumn,
  change_column: changeColumn,
  create_index: createIndex,
  drop_index: dropIndex,
  set_append_only: setAppendOnly,
  sql,
}

export const operationSchema = z.discriminatedUnion(
  'op',
  [
    createTable.schema,
    dropTable.schema,
    renameTable.schema,
    addColumn.schema,
    dropColumn.schema,
    renameColumn.schema,
    changeColumn.schema,
    createIndex.schema,
    dropIndex.schema,
    setAppendOnly.schema,
    sql.schema,
  ],
  { error: `Must be one of: ${Object.keys(kinds).join(', ')}.` },
)

/** One step of a migration, as data. */
export type Operation = z.output<typeof operationSchema>

/** `add_column tasks.priority`, for people. */
export function describeOperation(operation: Operation): string {
  return `${operation.op} ${kindOf(operation).subject(operation)}`
}

/** The snapshot after the operation. Throws `conflict` where it does not fit the one before. */
export function applyOperation(before: Snapshot, operation: Operation): Snapshot {
  return kindOf(operation).apply(operation, before)
}

/** The operation that leads back; undefined where only a person can say. */
export function invertOperation(before: Snapshot, operation: Operation): Operation | undefined {
  return kindOf(operation).invert(operation, before) as Operation | undefined
}

export function lossesOf(before: Snapshot, operation: Operation): readonly Loss[] {
  return kindOf(operation).losses(operation, before)
}

/** Where a column is after these operations; undefined where it is gone. */
export function followColumn(operations: readonly Operation[], start: Place): Place | undefined {
  let place: Place | undefined = start
  for (const operation of operations) {
    const { follow } = kindOf(operation)
    if (place && follow) place = follow(operation, place)
  }
  return place
}

export function canOrphan(operation: Operation): boolean {
  return kindOf(operation).canOrphan(operation)
}

/** Whether two that follow one another may run as one. */
export function canJoin(operation: Operation, next: Operation): boolean {
  return operation.op === next.op && (kindOf(operation).joins?.(operation, next) ?? false)
}

/** What the engine runs for these, which are one or join. */
export function toSteps(dialect: DialectName, changes: Changes<Operation>): readonly Step[] {
  const [{ operation, before }] = changes
  const after = changes.at(-1)?.after ?? before
  return amongGuards(dialect, { before, after }, kindOf(operation).steps[dialect](changes))
}

type AnyKind = OperationKind<Operation>

function kindOf(operation: Operation): AnyKind {
  // Each kind takes its own operations only, which is what its name stands for here.
  return kinds[operation.op] as unknown as AnyKind
}
