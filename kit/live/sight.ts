import { type Actor, type AnyModel, holds, isAllowed } from '#kit/model'

/** Whether the actor reads this row: what a repository of his decides by a condition of its statement. */
export function canSee(
  model: AnyModel,
  actor: Actor,
  { row, now }: { readonly row: Readonly<Record<string, unknown>>; readonly now: string },
): boolean {
  const { read } = model.access
  if (!isAllowed(actor, read)) return false
  if (model.softDelete && row['is_active'] !== true) return false
  if (typeof read === 'object') return holds(read.rule, { row, actor, now })
  if (read !== 'owner') return true
  return model.owner !== undefined && actor.id !== null && row[model.owner] === actor.id
}
