import type { z } from 'zod'
import type { DialectName } from '#kit/model'
import type { Step } from '../engine/step.ts'
import type { Snapshot } from '../snapshot.ts'

/** Something that is gone for good once an operation has run. */
export interface Loss {
  /** For people: `column tasks.title with its values`. */
  readonly text: string
  readonly table: string
  /** What whoever accepts it names: `tasks.title`, or `tasks` for a table. */
  readonly subject: string
}

/** An operation and the state around it: `after` is what its `apply` makes of `before`. */
export interface Change<O> {
  readonly operation: O
  readonly before: Snapshot
  readonly after: Snapshot
}

/** Where a column is. */
export interface Place {
  readonly table: string
  readonly column: string
}

/** All there is to a kind of operation. */
export interface OperationKind<O extends { readonly op: string }, S = z.ZodType<O>> {
  readonly name: O['op']
  /** The operation as it stands in a migration's file. */
  readonly schema: S
  /** What it is about: `tasks.title`. */
  readonly subject: (operation: O) => string
  /** The snapshot after it. Throws `conflict` where it does not fit the one before. */
  readonly apply: (operation: O, before: Snapshot) => Snapshot
  /** The operation that leads back. Undefined where none can be worked out. */
  readonly invert: (operation: O, before: Snapshot) => { readonly op: string } | undefined
  readonly losses: (operation: O, before: Snapshot) => readonly Loss[]
  /** Where a column is afterwards; undefined where it is gone. Default: where it was. */
  readonly follow?: (operation: O, place: Place) => Place | undefined
  /** Whether it may leave rows whose references lead nowhere, so that they must be looked for. */
  readonly canOrphan: (operation: O) => boolean
  /** Whether it and one that follows, of the same kind, may run as one. Default: no. */
  readonly joins?: (operation: O, next: O) => boolean
  /** What an engine runs for one, or for several that join. */
  readonly steps: Readonly<Record<DialectName, (changes: Changes<O>) => readonly Step[]>>
}

export type Changes<O> = readonly [Change<O>, ...Change<O>[]]

type Named = z.ZodObject & z.ZodType<{ readonly op: string }>

/** Declares a kind of operation; its type is that of its schema. */
export function defineOperation<S extends Named>(
  kind: OperationKind<z.output<S>, S>,
): OperationKind<z.output<S>, S> {
  return Object.freeze(kind)
}

/** Steps that an engine runs for each by itself. */
export function each<O>(steps: (change: Change<O>) => readonly Step[]) {
  return (changes: Changes<O>): readonly Step[] => changes.flatMap(steps)
}

export const nothing = () => []
export const never = () => false
export const always = () => true
