import { isDeepStrictEqual } from 'node:util'
import { type Fault, type Parsed, Problem } from '#kit/core'
import { applyOperation, invertOperation, lossesOf, type Operation } from './operation.ts'
import { faultsOfColumns } from './plan-faults.ts'
import { planOperations } from './plan-operations.ts'
import { type Renames, resolveRenames } from './renames.ts'
import type { Snapshot } from './snapshot.ts'

/** How to get from one snapshot to another, and back. */
export interface Plan {
  readonly up: readonly Operation[]
  readonly down: readonly Operation[]
  /** What `up` destroys, for people; a migration that destroys something must say so. */
  readonly loses: readonly string[]
}

/**
 * Works out the operations between two snapshots. Refuses what would leave rows without a value, or would need
 * somebody's judgement: each fault with its place and the repair.
 */
export function planMigration(before: Snapshot, after: Snapshot, renames: Renames): Parsed<Plan> {
  const due = resolveRenames(before, after, renames)
  if (due.errors.length > 0) return { ok: false, errors: due.errors }
  const errors = faultsOfColumns(before, after, due)
  if (errors.length > 0) return { ok: false, errors }
  return toPlan(before, after, planOperations(before, after, due))
}

function toPlan(before: Snapshot, after: Snapshot, up: readonly Operation[]): Parsed<Plan> {
  const down: Operation[] = []
  const loses: string[] = []
  let state = before
  for (const operation of up) {
    try {
      const back = invertOperation(state, operation)
      if (back) down.unshift(back)
      loses.push(...lossesOf(state, operation).map(({ text }) => text))
      state = applyOperation(state, operation)
    } catch (error) {
      if (error instanceof Problem) return { ok: false, errors: [toFault(error)] }
      throw error
    }
  }
  if (isDeepStrictEqual(state, after)) return { ok: true, value: { up, down, loses } }
  throw new TypeError(`The plan does not lead to its goal: ${JSON.stringify({ state, after })}`)
}

function toFault({ detail }: Problem): Fault {
  return {
    path: '',
    code: 'order',
    message: `${detail} Make the change in two migrations, one after the other.`,
  }
}
