import type { ModelPlan } from '../../repository/model-plan.ts'
import type { ColumnRow } from '../../types.ts'
import { cannotUndo } from './refuse.ts'
import { presentIds } from './rows-by-id.ts'
import type { UndoContext } from './undo-context.ts'
import type { UndoEntry } from './undo-entry.ts'

/** A row as it is to be, and which of its values an entry sets back. */
export interface Restoring {
  readonly entry: UndoEntry
  readonly row: ColumnRow
  readonly values: ColumnRow
}

/** Throws `conflict` where one refers to a row that is neither there nor among these. */
export async function assertTargets(
  context: UndoContext,
  plan: ModelPlan,
  restorings: readonly Restoring[],
): Promise<void> {
  for (const [field, { spec }] of Object.entries(plan.model.fields)) {
    const target = spec.use.references?.model()
    if (!target) continue
    const referring = restorings.filter(({ values }) => (values[field] ?? null) !== null)
    const ids = new Set(referring.map(({ values }) => values[field]))
    const present = await presentIds(context, context.planOf(target), [...ids])
    const along = target === plan.model ? restorings.map(({ row }) => row['id']) : []
    const there = new Set([...present, ...along])
    const lost = referring.find(({ values }) => !there.has(values[field]))
    if (lost)
      throw cannotUndo(
        lost.entry,
        `it referred to ${target.name} ${lost.values[field]}, which is not there any more. Bring that back first.`,
      )
  }
}
