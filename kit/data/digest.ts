import { createHash } from 'node:crypto'
import type { Executor } from '#kit/db'
import type { Pace } from './progress.ts'
import { type BatchRange, readBatches } from './read-batches.ts'

/** What tells two tables apart: their rows in the order of ids, each as JSON. The same on both engines. */
export interface Digest {
  readonly rows: number
  readonly sha256: string
}

export interface RunningDigest {
  add(lines: readonly string[]): void
  finish(): Digest
}

export function createDigest(): RunningDigest {
  const hash = createHash('sha256')
  let rows = 0
  return {
    add: (lines) => {
      rows += lines.length
      hash.update(`${lines.join('\n')}\n`)
    },
    finish: () => ({ rows, sha256: hash.digest('hex') }),
  }
}

export function isSame(one: Digest, other: Digest): boolean {
  return one.rows === other.rows && one.sha256 === other.sha256
}

/** Reads a whole table. */
export async function digestOf(
  executor: Executor,
  range: Pick<BatchRange, 'engine' | 'table'>,
  pace: Pace,
): Promise<Digest> {
  const digest = createDigest()
  for await (const { lines } of readBatches(executor, range)) {
    digest.add(lines)
    pace.advance(lines.length)
  }
  return digest.finish()
}
