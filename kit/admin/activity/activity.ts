import type { AuditAction } from '#kit/db'
import type { AnyModel } from '#kit/model'

/** One write of a unit of work, as the audit trail tells it. Secret values stand as `(changed)`. */
export interface AuditedWrite {
  readonly action: AuditAction
  /** The model's name. */
  readonly model: string
  readonly rowId: string
  /** What was there: the whole row of a removal for good, else the fields that changed; null for a creation. */
  readonly before: Readonly<Record<string, unknown>> | null
  /** What came of it: the whole row of a creation, else the fields that changed; null for a removal for good. */
  readonly after: Readonly<Record<string, unknown>> | null
}

/** The writes of one unit of work; of a large one the first ones. */
export interface AuditedUnit {
  readonly writes: readonly AuditedWrite[]
  /** How many there are in all. */
  readonly count: number
}

/** The row of a write as it is now; undefined where it is gone, or was not looked up. */
export type RowOf = (write: AuditedWrite) => Readonly<Record<string, unknown>> | undefined

/** What feeds tell of an operation. */
export interface ActivitySpec {
  /** `item_created`: what callers filter by. */
  readonly type: string
  /** Who may read it: `staff` is for admins too. */
  readonly audience: 'staff' | 'admin'
  readonly title: string
  /** One line for people. It is shown to the whole audience. */
  readonly describe: (unit: AuditedUnit, rowOf: RowOf) => string
  /** Models whose rows `describe` asks `rowOf` for: a change alone does not say what its row is called. */
  readonly looksUp?: readonly AnyModel[]
  /** Of several declarations for one operation the first whose condition holds is taken. Default: always. */
  readonly when?: (unit: AuditedUnit) => boolean
}

/**
 * By the name of the operation: a route's, or a command's. One that is `untold` is in no feed, not even as having
 * happened: there would be too many of it. The audit trail has it all the same.
 */
export type Activities = Readonly<Record<string, ActivitySpec | readonly ActivitySpec[] | 'untold'>>

export type { NamesOf } from '#kit/http'

/** What feeds must know of a tool. */
export interface ActiveTool {
  readonly name: string
  /** Its name in feeds. */
  readonly activityName: string
  readonly activity: Activities
  readonly models: readonly { readonly name: string }[]
  readonly routes: readonly { readonly name: string }[]
}
