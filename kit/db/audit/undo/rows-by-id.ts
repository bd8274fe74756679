import type { Expression } from 'kysely'
import type { ModelPlan } from '../../repository/model-plan.ts'
import type { ColumnRow, Value } from '../../types.ts'
import type { UndoContext } from './undo-context.ts'

type Compilable = { compile(): { readonly sql: string; readonly parameters: readonly unknown[] } }

/** The rows that have these ids, by id. */
export async function rowsById(
  { executor, dialect }: UndoContext,
  plan: ModelPlan,
  ids: readonly unknown[],
): Promise<ReadonlyMap<unknown, ColumnRow>> {
  if (ids.length === 0) return new Map()
  const query = dialect.compiler
    .selectFrom(plan.model.table)
    .select(plan.columns)
    .where('id', 'in', encodeAll(plan, ids))
  const rows = await executor.execute(...toSql(query))
  return new Map(rows.map((row) => [plan.decode(row)['id'], row]))
}

/** Which of these ids have a row. */
export async function presentIds(
  { executor, dialect }: UndoContext,
  plan: ModelPlan,
  ids: readonly unknown[],
): Promise<ReadonlySet<unknown>> {
  if (ids.length === 0) return new Set()
  const query = dialect.compiler
    .selectFrom(plan.model.table)
    .select('id')
    .where('id', 'in', encodeAll(plan, ids))
  const rows = await executor.execute(...toSql(query))
  return new Set(rows.map((row) => plan.decode(row)['id']))
}

/** Values of a field as they go into a statement. */
export function encodeAll(plan: ModelPlan, ids: readonly unknown[], field = 'id') {
  return ids.map((id) => plan.encode(field, id)) as unknown as Expression<never>[]
}

/** A statement whose shape is used once, with its values. */
export function toSql(query: Compilable): [sql: string, values: Value[]] {
  const { sql, parameters } = query.compile()
  return [sql, parameters as Value[]]
}
