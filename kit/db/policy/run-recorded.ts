import {
  BinaryOperationNode,
  DeleteQueryNode,
  FromNode,
  OperatorNode,
  PrimitiveValueListNode,
  type RootOperationNode,
  SelectionNode,
  SelectModifierNode,
  type SelectQueryNode,
  WhereNode,
} from 'kysely'
import type { BoundModel } from '../repository/bound-model.ts'
import { removeDependents } from '../repository/dependents.ts'
import { differencesFrom } from '../repository/differences.ts'
import { recordChange, recordRemoval } from '../repository/record.ts'
import { referrersOf } from '../repository/referrers.ts'
import type { ColumnRow } from '../types.ts'
import { columnOf } from './nodes.ts'
import type { RecordedWrite } from './recorded-write.ts'
import { refuse } from './refuse.ts'

/** What a statement answered: its rows, and how many it met. */
export interface Ran {
  readonly rows: readonly ColumnRow[]
  readonly count: number
}

/** Runs a statement that went through the policies already. */
export type Run = (node: RootOperationNode) => Promise<Ran>

/** Most ids in one statement. */
const chunkSize = 500

/** Runs a statement that writes, and records what it does to each row. */
export async function runRecorded(bound: BoundModel, write: RecordedWrite, run: Run): Promise<Ran> {
  const { rows: found } = await run(rowsBefore(bound, write))
  const before = found.map(bound.plan.decode)
  if (before.length === 0) return { rows: [], count: 0 }
  return DeleteQueryNode.is(write.node)
    ? runDelete(bound, { write, before, run })
    : runUpdate(bound, { write, before, run })
}

interface Running {
  readonly write: RecordedWrite
  /** The rows that it meets, as they are before. */
  readonly before: readonly ColumnRow[]
  readonly run: Run
}

async function runUpdate(bound: BoundModel, { write, before, run }: Running): Promise<Ran> {
  const { plan } = bound
  const ran = await run(write.node)
  assertSame(before, ran)
  const after = new Map<unknown, ColumnRow>()
  for (const where of whereIds(bound, write, before)) {
    const { rows } = await run(selectRows(bound, write, { where }))
    for (const row of rows.map(plan.decode)) after.set(row['id'], row)
  }
  for (const row of before) {
    const values = after.get(row['id']) ?? refuse('a row that was changed is not there any more')
    const now = String(values['updated_at'])
    const changes = differencesFrom(plan.model, row, { values, now })
    if (changes) await recordChange(bound, { action: 'change', before: row, changes })
  }
  return ran
}

async function runDelete(bound: BoundModel, running: Running): Promise<Ran> {
  const { write, before, run } = running
  // Its own condition may speak of rows that go first.
  const ran =
    referrersOf(bound).length === 0 ? await run(write.node) : await removeInOrder(bound, running)
  assertSame(before, ran)
  for (const row of before) await recordRemoval(bound, row)
  return ran
}

async function removeInOrder(bound: BoundModel, { write, before, run }: Running): Promise<Ran> {
  await removeDependents(bound, before)
  const rows: ColumnRow[] = []
  let count = 0
  for (const where of whereIds(bound, write, before)) {
    const ran = await run({ ...write.node, where } as RootOperationNode)
    rows.push(...ran.rows)
    count += ran.count
  }
  return { rows, count }
}

/** A condition that is not the same the second time would write what is not recorded. */
function assertSame(before: readonly ColumnRow[], { count }: Ran): void {
  if (count !== before.length)
    refuse(
      `its condition met ${before.length} rows, then ${count}: it may not depend on when it is asked`,
    )
}

function rowsBefore(bound: BoundModel, write: RecordedWrite): SelectQueryNode {
  const { lockRow } = bound.plan.dialect
  const select = selectRows(bound, write, write.node)
  return lockRow
    ? {
        ...select,
        endModifiers: [SelectModifierNode.createWithExpression(lockRow.toOperationNode())],
      }
    : select
}

/** The rows of the table that meet the condition, whole. */
function selectRows(
  { plan }: BoundModel,
  { table, alias }: RecordedWrite,
  { where, with: list }: Pick<SelectQueryNode, 'where' | 'with'>,
): SelectQueryNode {
  return {
    kind: 'SelectQueryNode',
    from: FromNode.create([table]),
    selections: plan.columns.map((name) => SelectionNode.create(columnOf(name, alias))),
    ...(where ? { where } : {}),
    ...(list ? { with: list } : {}),
  }
}

/** Conditions for these rows, some hundreds at a time. */
function* whereIds(
  { plan }: BoundModel,
  { alias }: RecordedWrite,
  rows: readonly ColumnRow[],
): Generator<WhereNode> {
  const ids = rows.map((row) => plan.encode('id', row['id']))
  for (let start = 0; start < ids.length; start += chunkSize)
    yield WhereNode.create(
      BinaryOperationNode.create(
        columnOf('id', alias),
        OperatorNode.create('in'),
        PrimitiveValueListNode.create(ids.slice(start, start + chunkSize)),
      ),
    )
}
