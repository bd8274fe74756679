import { boundTo } from '../../bound-to.ts'
import type { ModelPlan } from '../../repository/model-plan.ts'
import type { BoundRepositories } from '../../types.ts'
import { findRange, type UndoTarget } from './find-range.ts'
import { readPortions } from './read-entries.ts'
import { remakeRows } from './remake-rows.ts'
import { revertRows } from './revert-rows.ts'
import { createUndoContext, type UndoContext } from './undo-context.ts'
import type { EntryKind, UndoEntry } from './undo-entry.ts'
import { toRuns, type Undoing } from './undo-run.ts'
import { unmakeRows } from './unmake-rows.ts'

export interface Undone {
  /** How many entries were undone. */
  readonly count: number
  /** They, the newest first: the first hundred. */
  readonly entries: readonly UndoneEntry[]
}

/** Names an entry, and what it says was done to which row. */
export type UndoneEntry = Pick<UndoEntry, 'id' | 'action' | 'model' | 'rowId'>

const mostNamed = 100

type Inverse = (context: UndoContext, plan: ModelPlan, run: readonly Undoing[]) => Promise<void>

const inverses: Readonly<Record<EntryKind, Inverse>> = {
  creation: unmakeRows,
  removal: remakeRows,
  change: revertRows,
}

/**
 * Undoes what entries of the audit trail say was written, the newest first, within the unit of work that the
 * repositories are bound to; what it writes has entries of its own, which say what they undo and can be undone too.
 * All or nothing: throws `conflict` where a row is no longer as its entry left it or cannot be as it was before
 * (its detail names the entry and what stands in the way), and the unit must then fail. Throws `not_found` where
 * there is no such entry.
 *
 * It goes by the trail alone: it asks neither policies nor the rules of tools. For admins and operators; takes
 * repositories that reach all rows (`everyone`, `system`).
 */
export async function undo(repositories: BoundRepositories, target: UndoTarget): Promise<Undone> {
  const context = createUndoContext(boundTo(repositories))
  const range = await findRange(context, target)
  const entries: UndoneEntry[] = []
  let count = 0
  for await (const portion of readPortions(context, range)) {
    for (const { kind, model, undoings } of toRuns(context, portion))
      await inverses[kind](context, context.planOf(model), undoings)
    count += portion.length
    for (const { id, action, model, rowId } of portion.slice(0, mostNamed - entries.length))
      entries.push({ id, action, model, rowId })
  }
  return { count, entries }
}
