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

export interface Lost {
  readonly field: string
  readonly model: string
}

/**
 * Of those that refer to rows which are not there: a reference that is lost. `along` are rows that come at the same
 * time, to which they may refer.
 */
export async function findLost<R extends Restoring>(
  context: UndoContext,
  plan: ModelPlan,
  { restorings, along }: { restorings: readonly R[]; along: readonly Restoring[] },
): Promise<ReadonlyMap<R, Lost>> {
  const lost = new Map<R, Lost>()
  const coming = along.map(({ row }) => row['id'])
  for (const [field, { spec }] of Object.entries(plan.model.fields)) {
    const target = spec.use.references?.model()
    if (!target) continue
    const referring = restorings.filter(({ values }) => (values[field] ?? null) !== null)
    const ids = new Set(referring.map(({ values }) => values[field]))
    const present = await presentIds(context, context.planOf(target), [...ids])
    const there = new Set([...present, ...(target === plan.model ? coming : [])])
    for (const each of referring.filter(({ values }) => !there.has(values[field])))
      lost.set(each, { field, model: target.name })
  }
  return lost
}

/** Throws `conflict` where a row would refer to one that is not there. */
export async function assertTargets(
  context: UndoContext,
  plan: ModelPlan,
  restorings: readonly Restoring[],
): Promise<void> {
  for (const [restoring, lost] of await findLost(context, plan, { restorings, along: restorings }))
    throw lostTarget(restoring, lost)
}

export function lostTarget({ entry, values }: Restoring, { field, model }: Lost) {
  return cannotUndo(
    entry,
    `it referred to ${model} ${values[field]}, which is not there any more. Bring that back first.`,
  )
}
