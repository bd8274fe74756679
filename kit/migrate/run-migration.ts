import { Problem } from '#kit/core'
import type { Executor } from '#kit/db'
import type { Engine } from './engine/engine.ts'
import { quote } from './engine/sql-text.ts'
import { runSteps } from './engine/step.ts'
import type { MigrationFile } from './files/migration-file.ts'
import {
  applyOperation,
  canJoin,
  canOrphan,
  describeOperation,
  lossesOf,
  type Operation,
  toSteps,
} from './operation.ts'
import type { Change, Changes, Loss } from './operations/kind.ts'
import type { Snapshot } from './snapshot.ts'

/** Told of what runs, within the transaction, so that it may be looked at. */
export interface StepWatch {
  readonly before: (executor: Executor) => Promise<void>
  readonly after: (executor: Executor, step: WatchedStep) => Promise<void>
}

export interface WatchedStep {
  /** Of the migration. */
  readonly id: string
  readonly direction: 'up' | 'down'
  /** `add_column tasks.priority`; of several that ran as one, all. */
  readonly operations: readonly string[]
}

export interface MigrationRun {
  readonly executor: Executor
  readonly engine: Engine
  readonly file: MigrationFile
  readonly direction: 'up' | 'down'
  /** All tables as they are before it. */
  readonly before: Snapshot
  readonly watch?: StepWatch | undefined
}

/**
 * Runs a file's operations within the transaction that is open. Answers what is destroyed that somebody had:
 * losses in tables with rows. Throws with file, place and operation at the first fault.
 */
export async function runMigration(run: MigrationRun): Promise<Loss[]> {
  const operations = run.file.read()[run.direction]
  const losses: Loss[] = []
  let before = run.before
  for (const group of toGroups(operations)) {
    try {
      const changes = toChanges(group.operations, before)
      losses.push(...(await felt(run.executor, changes)))
      await runGroup(run, changes)
      before = changes.at(-1)?.after ?? before
    } catch (error) {
      const described = group.operations.map(describeOperation).join(', ')
      throw toProblem(error, `${run.direction}.${group.place} (${described})`, run.file)
    }
  }
  if (operations.some(canOrphan)) await assertNoOrphans(run, before)
  return losses
}

interface Group {
  /** Of the first one, in the file. */
  readonly place: number
  readonly operations: [Operation, ...Operation[]]
}

/** The operations in their order, those together that run as one. */
function toGroups(operations: readonly Operation[]): Group[] {
  const groups: Group[] = []
  for (const [place, operation] of operations.entries()) {
    const last = groups.at(-1)
    if (last?.operations.every((other) => canJoin(other, operation)))
      last.operations.push(operation)
    else groups.push({ place, operations: [operation] })
  }
  return groups
}

function toChanges([first, ...rest]: Group['operations'], start: Snapshot): Changes<Operation> {
  const toChange = (operation: Operation, before: Snapshot): Change<Operation> => ({
    operation,
    before,
    after: applyOperation(before, operation),
  })
  const changes: [Change<Operation>, ...Change<Operation>[]] = [toChange(first, start)]
  let last = changes[0]
  for (const operation of rest) {
    last = toChange(operation, last.after)
    changes.push(last)
  }
  return changes
}

async function runGroup(run: MigrationRun, changes: Changes<Operation>): Promise<void> {
  const { executor, engine, file, direction, watch } = run
  await watch?.before(executor)
  await runSteps(executor, toSteps(engine.name, changes))
  const operations = changes.map(({ operation }) => describeOperation(operation))
  await watch?.after(executor, { id: file.id, direction, operations })
}

async function felt(executor: Executor, changes: Changes<Operation>): Promise<Loss[]> {
  const losses: Loss[] = []
  for (const loss of changes.flatMap(({ before, operation }) => lossesOf(before, operation))) {
    const rows = await executor.execute(`SELECT 1 FROM ${quote(loss.table)} LIMIT 1`)
    if (rows.length > 0) losses.push(loss)
  }
  return losses
}

async function assertNoOrphans(
  { executor, engine, file }: MigrationRun,
  after: Snapshot,
): Promise<void> {
  const orphans = await engine.findOrphans(executor, after)
  if (orphans.length === 0) return
  const detail = `Rows would refer to others that are not there: ${orphans.join(', ')}.`
  throw toProblem(new Problem('conflict', detail), 'references', file)
}

function toProblem(error: unknown, place: string, { id }: MigrationFile): Problem {
  const kind = error instanceof Problem ? error.kind : 'conflict'
  const detail = `Migration ${id} failed at ${place}: ${messageOf(error)} Nothing of it was kept.`
  return new Problem(kind, detail, { cause: error })
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const cause =
    error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : ''
  return /[.!?]$/.test(message) ? `${message}${cause}` : `${message}${cause}.`
}
