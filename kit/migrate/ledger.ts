import type { ColumnRow, Executor } from '#kit/db'
import type { Engine } from './engine/engine.ts'
import { runSteps } from './engine/step.ts'
import type { Column, Table } from './snapshot.ts'

/** A migration as it was applied. */
export interface Applied {
  /** Counts up: the order in which they were applied. */
  readonly id: number
  readonly set: string
  readonly number: number
  readonly name: string
  readonly checksum: string
  readonly appliedAt: string
  /** The run that applied it, from 1. */
  readonly batch: number
}

const columns = ['set', 'number', 'name', 'checksum', 'applied_at', 'batch'] as const

const column = (name: string, kind: string): Column => ({ name, kind, isOptional: false })

const table: Table = {
  name: 'plinth_migrations',
  columns: [
    column('id', 'serial'),
    column('set', 'text'),
    column('number', 'integer'),
    column('name', 'text'),
    column('checksum', 'text'),
    column('applied_at', 'instant'),
    column('batch', 'integer'),
  ],
  indexes: [
    {
      name: 'plinth_migrations_set_number_unique',
      fields: ['set', 'number'],
      unique: true,
      ignoreCase: false,
    },
  ],
}

const select = `SELECT "id", ${columns.map((name) => `"${name}"`).join(', ')} FROM "${table.name}" ORDER BY "id"`

/** What was applied, in that order; nothing where no migration ever ran. One statement where one has. */
export async function readLedger(executor: Executor, engine: Engine): Promise<Applied[]> {
  try {
    return (await executor.execute(select)).map(toApplied)
  } catch {
    if (!(await hasLedger(executor, engine))) return []
    // Another process has made it in the meantime; what still fails now is another fault.
    return (await executor.execute(select)).map(toApplied)
  }
}

/** Reads within a migration's transaction, where a statement must not fail; makes the table if need be. */
export async function openLedger(executor: Executor, engine: Engine): Promise<Applied[]> {
  if (!(await hasLedger(executor, engine))) await runSteps(executor, engine.createTable(table))
  return (await executor.execute(select)).map(toApplied)
}

/** Reads within a transaction and makes nothing. */
export async function readLedgerWithin(executor: Executor, engine: Engine): Promise<Applied[]> {
  if (!(await hasLedger(executor, engine))) return []
  return (await executor.execute(select)).map(toApplied)
}

async function hasLedger(executor: Executor, engine: Engine): Promise<boolean> {
  return (await executor.execute(engine.tableExists, [table.name])).length > 0
}

export async function recordApplied(
  executor: Executor,
  engine: Engine,
  applied: Omit<Applied, 'id'>,
): Promise<void> {
  const { set, number, name, checksum, appliedAt, batch } = applied
  const names = columns.map((column) => `"${column}"`).join(', ')
  const places = columns.map((_, place) => engine.placeholder(place + 1)).join(', ')
  await executor.execute(`INSERT INTO "${table.name}" (${names}) VALUES (${places})`, [
    set,
    number,
    name,
    checksum,
    appliedAt,
    batch,
  ])
}

export async function forgetApplied(executor: Executor, engine: Engine, id: number): Promise<void> {
  await executor.execute(`DELETE FROM "${table.name}" WHERE "id" = ${engine.placeholder(1)}`, [id])
}

function toApplied(row: ColumnRow): Applied {
  const at = row['applied_at']
  return {
    id: Number(row['id']),
    set: String(row['set']),
    number: Number(row['number']),
    name: String(row['name']),
    checksum: String(row['checksum']),
    appliedAt: at instanceof Date ? at.toISOString() : String(at),
    batch: Number(row['batch']),
  }
}
