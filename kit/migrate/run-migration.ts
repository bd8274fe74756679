import { Problem } from '#kit/core'
import type { Executor } from '#kit/db'
import type { Engine } from './engine/engine.ts'
import { quote } from './engine/sql-text.ts'
import { runSteps } from './engine/step.ts'
import type { MigrationFile } from './files/migration-file.ts'
import {
  applyOperation,
  canOrphan,
  describeOperation,
  lossesOf,
  type Operation,
  toSteps,
} from './operation.ts'
import type { Snapshot } from './snapshot.ts'

export interface MigrationRun {
  readonly executor: Executor
  readonly engine: Engine
  readonly file: MigrationFile
  readonly direction: 'up' | 'down'
  /** All tables as they are before it. */
  readonly before: Snapshot
}

/**
 * Runs a file's operations within the transaction that is open. Answers what is destroyed that somebody had:
 * losses in tables with rows. Throws with file, place and operation at the first fault.
 */
export async function runMigration(run: MigrationRun): Promise<string[]> {
  const operations = run.file.read()[run.direction]
  const losses: string[] = []
  let before = run.before
  for (const [place, operation] of operations.entries()) {
    try {
      const after = applyOperation(before, operation)
      losses.push(...(await felt(run.executor, before, operation)))
      const steps = toSteps(run.engine.name, { operation, before, after })
      await runSteps(run.executor, steps)
      before = after
    } catch (error) {
      throw toProblem(
        error,
        `${run.direction}.${place} (${describeOperation(operation)})`,
        run.file,
      )
    }
  }
  if (operations.some(canOrphan)) await assertNoOrphans(run)
  return losses
}

async function felt(executor: Executor, before: Snapshot, operation: Operation): Promise<string[]> {
  const texts: string[] = []
  for (const { text, table } of lossesOf(before, operation)) {
    const rows = await executor.execute(`SELECT 1 FROM ${quote(table)} LIMIT 1`)
    if (rows.length > 0) texts.push(text)
  }
  return texts
}

async function assertNoOrphans({ executor, engine, file }: MigrationRun): Promise<void> {
  const orphans = await engine.findOrphans(executor)
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
