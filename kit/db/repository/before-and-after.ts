import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely'
import type { ColumnRow } from '../types.ts'
import { isTracked } from './differences.ts'
import type { ModelPlan } from './model-plan.ts'
import { slot } from './slots.ts'

/*
 * Parts of statements that write a row and answer it as it was and as it is: `before` and `after` are their common table
 * expressions.
 */

type Builder = ExpressionBuilder<Record<string, ColumnRow>, string>
type Given = (name: string) => Expression<never>

/** What is set: the values, and `updated_at` where it is not among them and more than untracked fields differ. */
export function assignments(
  plan: ModelPlan,
  names: readonly string[],
  { eb, given, now = slot('now') }: { eb: unknown; given: Given; now?: Expression<never> },
): Record<string, Expression<never>> {
  const builder = eb as Builder
  const set = Object.fromEntries(names.map((name) => [name, given(name)]))
  const tracked = names.filter((name) => isTracked(plan.model, name))
  if (names.includes('updated_at') || tracked.length === 0) return set
  const kept = builder.ref(`${plan.model.table}.updated_at`)
  set['updated_at'] = (
    tracked.length === names.length
      ? now
      : builder
          .case()
          .when(anyDiffers(builder, plan, { names: tracked, given }))
          .then(now)
          .else(kept)
          .end()
  ) as Expression<never>
  return set
}

export function anyDiffers(
  eb: unknown,
  plan: ModelPlan,
  { names, given }: { readonly names: readonly string[]; readonly given: Given },
): Expression<SqlBool> {
  const builder = eb as Builder
  return builder.or(
    names.map((name) => {
      const column = builder.ref(`${plan.model.table}.${name}`)
      return sql<SqlBool>`${column} is distinct from ${given(name)}`
    }),
  )
}

/** What a change may write: the given fields and `updated_at`. */
export function stampedNames(plan: ModelPlan, names: readonly string[]): readonly string[] {
  const isStamped =
    !names.includes('updated_at') && names.some((name) => isTracked(plan.model, name))
  return isStamped ? [...names, 'updated_at'] : names
}

/** Stands before the names of the written columns; no field has a name with it. */
const mark = 'after$'

/** The whole row as it was, and the columns that were written, with the id. */
export function answerColumns(plan: ModelPlan, written: readonly string[]) {
  return [
    ...plan.columns.map((name) => `before.${name}` as const),
    ...['id', ...written].map((name) => `after.${name} as ${mark}${name}` as const),
  ]
}

export interface BeforeAndAfter {
  /** The row as it was; undefined where there was none. */
  readonly before: ColumnRow | undefined
  /** The id and the values that were written; undefined where nothing was. */
  readonly after: ColumnRow | undefined
}

export function splitAnswer(plan: ModelPlan, answer: ColumnRow): BeforeAndAfter {
  const before: ColumnRow = {}
  const after: ColumnRow = {}
  for (const name in answer)
    if (name.startsWith(mark)) after[name.slice(mark.length)] = answer[name]
    else before[name] = answer[name]
  return {
    before: isThere(before) ? plan.decode(before) : undefined,
    after: isThere(after) ? plan.decode(after) : undefined,
  }
}

function isThere(row: ColumnRow): boolean {
  return row['id'] !== null && row['id'] !== undefined
}
