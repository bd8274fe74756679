import type { AuditAction } from '../audit-models.ts'

type Values = Readonly<Record<string, unknown>>

/** An entry of the trail, its values read. */
export interface UndoEntry {
  readonly id: string
  readonly chain: string
  readonly seq: number
  readonly action: AuditAction
  /** The model's name as it was then. */
  readonly model: string
  readonly rowId: string
  readonly before: Values | null
  readonly after: Values | null
  readonly createdAt: string
}

/** What was written: a row was made, taken away for good, or changed. */
export type EntryKind = 'creation' | 'removal' | 'change'

export function kindOf({ before, after }: UndoEntry): EntryKind {
  if (before === null) return 'creation'
  return after === null ? 'removal' : 'change'
}

/** The entry in words: `entry 0190… (create of task 5)`. */
export function nameOf({ id, action, model, rowId }: UndoEntry): string {
  return `entry ${id} (${action} of ${model} ${rowId})`
}
