import type { Log } from '#kit/core'
import type { RowChange } from '../../changes/row-change.ts'
import type { Awaitable, Unit } from '../../types.ts'
import type { SqliteUnit } from './unit.ts'

/** The steps of a group commit, named for those who inject faults. */
export type CommitStep = 'begin' | 'savepoint' | 'work' | 'release' | 'head' | 'commit' | 'settle'

export interface WriterOptions {
  readonly log: Log
  /** Called after each commit, before anyone is told of it. */
  readonly onCommitted?: (() => void) | undefined
  /** Called with what a unit has written, in the order of the commits. */
  readonly onWritten?: ((changes: readonly RowChange[]) => void) | undefined
  /** Called after what ran outside of units. */
  readonly onUnseen?: (() => void) | undefined
  /** Called before each step; what it throws is a fault of that step. For tests. */
  readonly onStep?: ((step: CommitStep) => void) | undefined
  /** How long a group may be open. For tests, which a busy machine must not make another group of. */
  readonly groupMs?: number | undefined
}

/** Work that waits for the writer. */
export interface Job {
  readonly name: string
  readonly limitMs: number
  /** Exclusive work runs outside of a transaction, alone. */
  readonly isExclusive: boolean
  readonly work: (unit: Unit) => Awaitable<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** A unit that has run; what its caller is told waits for the commit. */
export interface Outcome {
  readonly job: Job
  readonly unit: SqliteUnit
  /** Whether its work failed: then its caller hears that, whatever becomes of the group. */
  readonly isFailed: boolean
  readonly settle: () => void
}
