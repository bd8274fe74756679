import type { Engine, Observation } from '../engine/engine.ts'
import type { StepWatch, WatchedStep } from '../run-migration.ts'

export interface RehearsedStep extends WatchedStep {
  readonly tookMs: number
  /** Those it took beyond what the transaction held already. Empty where the engine locks the whole database. */
  readonly locks: readonly TableLock[]
  /** The tables whose rows were all written anew. */
  readonly rewritten: readonly string[]
}

export interface TableLock {
  readonly table: string
  /** As PostgreSQL's manual names it: `ACCESS EXCLUSIVE`. */
  readonly mode: string
}

export interface StepRecorder {
  readonly steps: RehearsedStep[]
  readonly watch: StepWatch
}

/** Notes of each step how long it takes, what it locks and which tables it writes anew. */
export function createStepRecorder(engine: Engine): StepRecorder {
  const steps: RehearsedStep[] = []
  let before: Observation = { locks: {}, places: {} }
  let startedMs = 0
  return {
    steps,
    watch: {
      before: async (executor) => {
        before = await engine.observe(executor)
        startedMs = performance.now()
      },
      after: async (executor, step) => {
        const tookMs = performance.now() - startedMs
        const after = await engine.observe(executor)
        steps.push({
          ...step,
          tookMs,
          locks: newLocks(before, after),
          rewritten: rewrittenTables(before, after),
        })
      },
    },
  }
}

function newLocks(before: Observation, after: Observation): TableLock[] {
  return Object.entries(after.locks)
    .filter(([table, mode]) => before.locks[table] !== mode)
    .map(([table, mode]) => ({ table, mode }))
}

/** A table of both whose rows lie where nothing lay before; one that was only renamed lies where another did. */
function rewrittenTables(before: Observation, after: Observation): string[] {
  const places = new Set(Object.values(before.places))
  return Object.entries(after.places)
    .filter(([table, place]) => table in before.places && !places.has(place))
    .map(([table]) => table)
}
