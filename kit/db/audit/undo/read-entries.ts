import { planOf } from '../../repository/model-plan.ts'
import { slot, toStatement } from '../../repository/slots.ts'
import type { ColumnRow, Executor, Statement, Value } from '../../types.ts'
import { type AuditAction, AuditEntry } from '../audit-models.ts'
import type { UndoContext } from './undo-context.ts'
import type { UndoEntry } from './undo-entry.ts'

/** Entries that follow one another in a chain, both ends included. */
export interface EntryRange {
  readonly chain: string
  readonly from: number
  readonly to: number
}

/** How many entries are held in memory at once. */
export const portionSize = 250

/** The entries of a range, the newest first, a portion at a time. */
export async function* readPortions(
  { executor, dialect }: UndoContext,
  { chain, from, to }: EntryRange,
): AsyncGenerator<readonly UndoEntry[]> {
  const plan = planOf(AuditEntry, dialect)
  const statement = plan.statement('undo portion', () =>
    toStatement(
      dialect.compiler
        .selectFrom(AuditEntry.table)
        .select(plan.columns)
        .where('chain', '=', slot('chain'))
        .where('seq', '>=', slot('from'))
        .where('seq', '<', slot('below'))
        .orderBy('seq', 'desc')
        .limit(slot('size')),
    ),
  )
  let below = to + 1
  while (below > from) {
    const values = { chain, from, below, size: portionSize }
    const entries = (await ask(executor, statement, values)).map(toUndoEntry)
    if (entries.length === 0) return
    yield entries
    below = entries.at(-1)?.seq ?? from
  }
}

export function ask(
  executor: Executor,
  statement: Statement,
  values: Readonly<Record<string, Value>>,
) {
  return executor.all(
    statement,
    statement.slots.map((name) => values[name] ?? null),
  )
}

function toUndoEntry(row: ColumnRow): UndoEntry {
  return {
    id: String(row['id']),
    chain: String(row['chain']),
    seq: Number(row['seq']),
    action: row['action'] as AuditAction,
    model: String(row['model']),
    rowId: String(row['row_id']),
    before: fromJson(row['before']),
    after: fromJson(row['after']),
    createdAt: String(row['created_at']),
  }
}

function fromJson(text: unknown): Record<string, unknown> | null {
  return typeof text === 'string' ? JSON.parse(text) : null
}
