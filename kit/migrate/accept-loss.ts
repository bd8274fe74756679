import { Problem } from '#kit/core'
import type { MigrationFile } from './files/migration-file.ts'
import { applyOperation, lossesOf } from './operation.ts'
import type { Loss } from './operations/kind.ts'
import type { Snapshot } from './snapshot.ts'

/**
 * What may be destroyed: `said`, all that a file says it `loses`; or, of that, exactly what is named here too:
 * `tasks.priority`, a table `tasks`, or what somebody wrote into `loses` by hand, word for word.
 */
export type AcceptedLoss = 'said' | readonly string[]

/** Throws `conflict` where a file destroys what it does not say; with the line that says it. */
export function assertSaid(file: MigrationFile, losses: readonly Loss[]): void {
  const said = file.read().loses ?? []
  const unsaid = losses.map(({ text }) => text).filter((text) => !said.includes(text))
  if (unsaid.length === 0) return
  throw new Problem(
    'conflict',
    `${file.id} would destroy what it does not say. If that is meant, add to ${file.path}: ` +
      `"loses": ${JSON.stringify([...said, ...unsaid])}`,
  )
}

/** Throws `conflict` where something is destroyed that nobody named; with what to name. */
export function assertAccepted(
  file: MigrationFile,
  losses: readonly Loss[],
  accepted: AcceptedLoss,
): void {
  if (accepted === 'said') return
  const missing = losses.filter(({ subject }) => !accepted.includes(subject))
  if (missing.length === 0) return
  throw new Problem(
    'conflict',
    `${file.id} destroys: ${missing.map(({ text }) => text).join('; ')}. Nothing of it was kept. If that is meant, make a backup and say: ` +
      `plinth migrate up ${[...accepted, ...missing.map(({ subject }) => subject)].map(toOption).join(' ')}`,
  )
}

function toOption(subject: string): string {
  return `--accept-loss ${/^[\w.]+$/.test(subject) ? subject : JSON.stringify(subject)}`
}

/** What the file says it loses though no operation of ours does: statements by hand do. */
export function lossesByHand(file: MigrationFile, before: Snapshot): Loss[] {
  const known = lossesOfFile(file, before).map(({ text }) => text)
  return (file.read().loses ?? [])
    .filter((text) => !known.includes(text))
    .map((text) => ({ text, subject: text, table: '' }))
}

function lossesOfFile(file: MigrationFile, start: Snapshot): Loss[] {
  let before = start
  return file.read().up.flatMap((operation) => {
    const losses = lossesOf(before, operation)
    before = applyOperation(before, operation)
    return losses
  })
}

/** Throws `conflict` where a name is accepted that none of these files, the first one on this state, loses. */
export function assertKnownLosses(
  files: readonly MigrationFile[],
  start: Snapshot,
  accepted: AcceptedLoss,
): void {
  if (accepted === 'said' || accepted.length === 0) return
  let before = start
  const subjects = files.flatMap((file) => {
    const losses = [...lossesOfFile(file, before), ...lossesByHand(file, before)]
    before = file.read().up.reduce(applyOperation, before)
    return losses.map(({ subject }) => subject)
  })
  const unknown = accepted.filter((name) => !subjects.includes(name))
  if (unknown.length === 0) return
  const known = subjects.length === 0 ? 'nothing' : subjects.join(', ')
  throw new Problem(
    'conflict',
    `No migration to apply loses ${unknown.join(', ')}: they lose ${known}. Name exactly what may go.`,
  )
}
