import { isDeepStrictEqual } from 'node:util'
import { Problem } from '#kit/core'
import type { MigrationFile } from './files/migration-file.ts'
import { applyOperation, describeOperation, type Operation } from './operation.ts'
import { emptySnapshot, type Snapshot } from './snapshot.ts'

/** The snapshot after these files, the tables of the first one on. */
export function stateAfter(files: readonly MigrationFile[], start = emptySnapshot): Snapshot {
  return files.reduce((state, file) => stateAfterFile(file, state), start)
}

function stateAfterFile(file: MigrationFile, before: Snapshot): Snapshot {
  return file
    .read()
    .up.reduce(
      (state, operation, place) =>
        atPlace(`${file.path}: up.${place}`, operation, () => applyOperation(state, operation)),
      before,
    )
}

/** Runs the work; a Problem of it names file, place and operation. */
function atPlace<T>(place: string, operation: Operation, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    throw new Problem(error.kind, `${place} (${describeOperation(operation)}): ${error.detail}`, {
      cause: error,
    })
  }
}

/** Throws `conflict` where the last file's `down` does not lead to where its `up` came from. */
export function assertLeadsBack(files: readonly MigrationFile[]): void {
  const file = files.at(-1)
  if (!file) return
  const { down } = file.read()
  const before = stateAfter(files.slice(0, -1))
  const back = down.reduce(
    (state, operation, place) =>
      atPlace(`${file.path}: down.${place}`, operation, () => applyOperation(state, operation)),
    stateAfter(files),
  )
  if (isDeepStrictEqual(back, before)) return
  throw new Problem(
    'conflict',
    `The "down" of ${file.id} does not undo its "up". Complete it in ${file.path}, or restore a backup.`,
  )
}
