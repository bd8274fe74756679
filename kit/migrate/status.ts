import { type Fault, Problem } from '#kit/core'
import type { MigrationFile } from './files/migration-file.ts'
import type { Applied } from './ledger.ts'

/**
 * `applied`; `pending`; `missing`: applied, but this code has no such file; `edited`: its file says something else
 * than what was applied; `late`: not applied, though a newer one of its set is.
 */
export type MigrationState = 'applied' | 'pending' | 'missing' | 'edited' | 'late'

export interface MigrationStatus {
  /** `tasks/0001-initial` */
  readonly id: string
  readonly set: string
  readonly number: number
  readonly state: MigrationState
  readonly appliedAt: string | null
  readonly batch: number | null
}

/** The files of all sets, in the order they are applied in. */
export interface MigrationFiles {
  readonly sets: readonly string[]
  readonly files: readonly MigrationFile[]
}

/**
 * Every migration of these sets, in the order of the files. What a tool applied that is no longer part of the
 * app is left out: its tables stay.
 */
export function toStatus(
  { sets, files }: MigrationFiles,
  ledger: readonly Applied[],
): MigrationStatus[] {
  const byId = new Map(ledger.map((applied) => [idOf(applied), applied]))
  const known = new Set(files.map(({ id }) => id))
  const newest = new Map<string, number>()
  for (const { set, number } of ledger) newest.set(set, Math.max(number, newest.get(set) ?? 0))
  const missing = ledger
    .filter((applied) => sets.includes(applied.set) && !known.has(idOf(applied)))
    .map((applied) => toEntry(applied, applied, 'missing'))
  const present = files.map((file) => {
    const applied = byId.get(file.id)
    const isLate = !applied && file.number < (newest.get(file.set) ?? 0)
    return toEntry(file, applied, stateOf(file, applied, isLate ? 'late' : 'pending'))
  })
  return sets.flatMap((set) =>
    [...present, ...missing]
      .filter((status) => status.set === set)
      .sort((a, b) => a.number - b.number),
  )
}

export function idOf({ set, name }: { readonly set: string; readonly name: string }): string {
  return `${set}/${name}`
}

function stateOf(
  file: MigrationFile,
  applied: Applied | undefined,
  otherwise: MigrationState,
): MigrationState {
  if (!applied) return otherwise
  return applied.checksum === file.checksum ? 'applied' : 'edited'
}

function toEntry(
  named: { readonly set: string; readonly number: number; readonly name: string },
  applied: Applied | undefined,
  state: MigrationState,
): MigrationStatus {
  return {
    id: idOf(named),
    set: named.set,
    number: named.number,
    state,
    appliedAt: applied?.appliedAt ?? null,
    batch: applied?.batch ?? null,
  }
}

const repairs: Readonly<Partial<Record<MigrationState, string>>> = {
  missing:
    'is applied to this database, but its file is not here: the database is ahead of the code. ' +
    'Run the version that has the file, or undo the migration with that version first.',
  edited:
    'was applied and its file was edited since. Restore the file from version control and make the change ' +
    'in a new migration.',
  late:
    'comes before one of its set that is applied already. Give its file the next free number, then run ' +
    '`plinth migrate make`, which brings snapshot.json up to date.',
}

/** Throws `conflict` with every reason why nothing may be applied or undone. */
export function assertSound(statuses: readonly MigrationStatus[]): void {
  const errors = statuses.flatMap(({ id, state }): Fault[] => {
    const repair = repairs[state]
    return repair ? [{ path: id, code: state, message: `${id} ${repair}` }] : []
  })
  if (errors.length === 0) return
  throw new Problem('conflict', errors.map(({ message }) => message).join(' '), { errors })
}

/** The ids of those to apply. Throws as {@link assertSound}. */
export function toPending(statuses: readonly MigrationStatus[]): string[] {
  assertSound(statuses)
  return statuses.filter(({ state }) => state === 'pending').map(({ id }) => id)
}
