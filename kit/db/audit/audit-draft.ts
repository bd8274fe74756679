import type { AuditAction } from './audit-models.ts'

/** What stands in an entry for the value of a secret field that changed. */
export const secretChanged = '(changed)'

/**
 * A write to one row, as the repository tells it. A change holds only the fields that changed; a creation and a
 * removal for good hold the whole row. Values are a row's (JSON values); secret fields (`writeonly`, `internal`) hold
 * {@link secretChanged}, or null where there is none.
 */
export interface AuditDraft {
  readonly actorId: string | null
  readonly sessionId: string | null
  readonly requestId: string | null
  readonly atMs: number
  readonly action: AuditAction
  /** The model's name. */
  readonly model: string
  readonly rowId: string
  readonly before: Readonly<Record<string, unknown>> | null
  readonly after: Readonly<Record<string, unknown>> | null
  /** The id of the entry that this write undoes. */
  readonly undoes: string | null
}
