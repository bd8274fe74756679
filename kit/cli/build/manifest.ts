import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a bundle was made of. Paths are relative to the folder of the app. */
export interface Manifest {
  readonly inputs: readonly Input[]
}

/** A file or a folder. One that was not there has the hash `none`: it may come to be. */
export interface Input {
  readonly path: string
  readonly size: number
  readonly modifiedMs: number
  readonly hash: string
}

const fileName = 'manifest.json'

/** The manifest of this bundle; undefined where it is not finished. */
export function readManifest(dist: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(join(dist, fileName), 'utf8')) as Manifest
  } catch {
    // Not there, or half written: being built at this moment.
    return undefined
  }
}

export function writeManifest(dist: string, manifest: Manifest): void {
  writeFileSync(join(dist, fileName), `${JSON.stringify(manifest)}\n`)
}

export function toInput(folder: string, path: string): Input {
  const place = join(folder, path)
  const stat = statSync(place, { throwIfNoEntry: false })
  return { path, size: stat?.size ?? 0, modifiedMs: stat?.mtimeMs ?? 0, hash: hashOf(place) }
}

/** Whether all inputs are as they were: by size and time, which is quick; by content where these differ. */
export function isCurrent({ inputs }: Manifest, folder: string): boolean {
  return inputs.every((input) => {
    const place = join(folder, input.path)
    const stat = statSync(place, { throwIfNoEntry: false })
    const isSame = input.size === (stat?.size ?? 0) && input.modifiedMs === (stat?.mtimeMs ?? 0)
    return isSame || input.hash === hashOf(place)
  })
}

/** Of a file's content, or of the names in a folder. */
function hashOf(place: string): string {
  const stat = statSync(place, { throwIfNoEntry: false })
  if (stat === undefined) return 'none'
  const content = stat.isDirectory() ? readdirSync(place).sort().join('\n') : readFileSync(place)
  return Bun.hash(content).toString(36)
}
