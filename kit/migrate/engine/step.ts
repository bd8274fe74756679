import { Problem } from '#kit/core'
import type { Awaitable, ColumnRow, Executor } from '#kit/db'

/** A statement; or a question to the database whose answer decides which steps follow. */
export type Step = string | Inquiry

export interface Inquiry {
  readonly query: string
  /** Throws a Problem where the answer forbids to go on. */
  readonly decide: (rows: readonly ColumnRow[]) => readonly Step[]
}

export async function runSteps(executor: Executor, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    if (typeof step === 'string') await executor.execute(step)
    else await runSteps(executor, step.decide(await executor.execute(step.query)))
  }
}

/** Refuses to go on where the query finds a row. */
export function refuseIfFound(query: string, detail: string): Inquiry {
  return {
    query: `${query} LIMIT 1`,
    decide: (rows) => {
      if (rows.length > 0) throw new Problem('conflict', detail)
      return []
    },
  }
}

/** Reads the one text of the first row. */
export async function readText(rows: Awaitable<readonly ColumnRow[]>): Promise<string> {
  return String(Object.values((await rows)[0] ?? {})[0] ?? '')
}
