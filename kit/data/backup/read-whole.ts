import { createDigest, isSame, type RunningDigest } from '../digest.ts'
import { createPace, type Phase, type WorkOptions } from '../progress.ts'
import type { BackupHeader, Manifest } from './format.ts'
import { damaged, readBackup } from './read-backup.ts'

export interface BackupContents {
  readonly header: BackupHeader
  readonly manifest: Manifest
}

export interface WholeReading {
  readonly phase: Phase
  readonly options: WorkOptions
  readonly onRows: (table: string, lines: readonly string[]) => Promise<void>
}

/** Reads a backup from end to end and compares it with its manifest. Throws `invalid` where it is damaged. */
export async function readWhole(
  file: string,
  { phase, options, onRows }: WholeReading,
): Promise<BackupContents> {
  let header: BackupHeader | undefined
  const digests = new Map<string, RunningDigest>()
  let manifest: Manifest | undefined
  let read: { readonly table: string; readonly pace: ReturnType<typeof createPace> } | undefined
  for await (const part of readBackup(file)) {
    if (part.kind === 'header') header = part.header
    else if (part.kind === 'rows') {
      const { table, lines } = part
      if (read?.table !== table) {
        const total = header?.tables.find(({ name }) => name === table)?.rows ?? 0
        read = { table, pace: createPace(options, { phase, table, rows: 0, total }) }
      }
      digestFor(digests, table).add(lines)
      await onRows(table, lines)
      read.pace.advance(lines.length)
    } else manifest = assertWhole(file, part.manifest, digests)
  }
  if (header && manifest) return { header, manifest }
  throw damaged(file, 'its end is missing')
}

function digestFor(digests: Map<string, RunningDigest>, table: string): RunningDigest {
  const digest = digests.get(table) ?? createDigest()
  digests.set(table, digest)
  return digest
}

function assertWhole(
  file: string,
  manifest: Manifest,
  digests: ReadonlyMap<string, RunningDigest>,
): Manifest {
  for (const table of manifest) {
    const found = (digests.get(table.name) ?? createDigest()).finish()
    if (!isSame(found, table)) throw damaged(file, `the rows of ${table.name} are not all there`)
  }
  const unknown = [...digests.keys()].find((name) => !manifest.some((each) => each.name === name))
  if (unknown !== undefined) throw damaged(file, `its manifest does not know ${unknown}`)
  return manifest
}
