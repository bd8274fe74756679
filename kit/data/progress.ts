import { defineProblem, Problem } from '#kit/core'

export type Phase = 'reading' | 'writing' | 'verifying'

/** How far long work has come. */
export interface Progress {
  readonly phase: Phase
  readonly table: string
  readonly rows: number
  /** How many there are in this table. */
  readonly total: number
}

export interface WorkOptions {
  /** Called after every batch. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
  /** Stops the work between two batches: it throws `interrupted`, and leaves nothing broken. */
  readonly signal?: AbortSignal | undefined
}

const interruptedKind = defineProblem('interrupted', 503, 'Interrupted')

export function isInterrupted(error: unknown): boolean {
  return error instanceof Problem && error.kind === interruptedKind
}

export function assertGoingOn({ signal }: WorkOptions): void {
  if (signal?.aborted) throw new Problem(interruptedKind, 'Stopped.')
}

/** Counts the rows of one table for whoever watches, and stops where that is asked for. */
export interface Pace {
  advance(rows: number): void
}

export function createPace(
  options: WorkOptions,
  { phase, table, total, rows: start }: Progress,
): Pace {
  let rows = start
  return {
    advance: (count) => {
      rows += count
      options.onProgress?.({ phase, table, rows, total })
      assertGoingOn(options)
    },
  }
}
