import type { AuditAction } from '#kit/db'
import { labelOf } from '../label-of.ts'
import type { ActivitySpec, AuditedUnit, AuditedWrite, RowOf } from './activity.ts'

/** What is told of a unit of work, but for who and when. */
export interface Told extends Pick<ActivitySpec, 'type' | 'audience' | 'title'> {
  readonly description: string
}

const past: Readonly<Record<AuditAction, string>> = {
  create: 'created',
  change: 'changed',
  remove: 'removed',
  restore: 'restored',
}

/** `item_created`: the type of an operation that nothing is declared of. */
export function usualType({ model, action }: Pick<AuditedWrite, 'model' | 'action'>): string {
  return `${model}_${past[action]}`
}

export function toldBy(spec: ActivitySpec, unit: AuditedUnit, rowOf: RowOf): Told {
  const { type, audience, title } = spec
  return { type, audience, title, description: spec.describe(unit, rowOf) }
}

/** Tells no more of an operation that nothing is declared of than which row it was: the rest may be private. */
export function toldUsually({ writes, count }: AuditedUnit): Told {
  const [first] = writes
  if (!first) return { type: 'unknown', audience: 'admin', title: 'Unknown', description: '' }
  const others = count === 1 ? '' : ` and ${count - 1} more`
  return {
    type: usualType(first),
    audience: 'admin',
    title: `${labelOf(first.model)} ${past[first.action]}`,
    description: `${labelOf(first.model)} ${first.rowId}${others}`,
  }
}
