import { lstat, mkdir, open, opendir, rename, rmdir, stat, unlink } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { diskProblem, isMissing } from './disk-faults.ts'
import type { FileStore, StoredKey } from './file-store.ts'

/** Files in a folder of this machine, under their keys. */
export function createDiskStore(folder: string): FileStore {
  const pathOf = (key: string) => join(folder, ...key.split('/'))
  return Object.freeze({
    put: async (key, { path }) => {
      const target = pathOf(key)
      await mkdir(dirname(target), { recursive: true, mode: 0o700 }).catch(throwDisk)
      await rename(path, target).catch(throwDisk)
      await syncFolders(dirname(target), folder)
    },
    read: async (key, { start, end }) => {
      const path = pathOf(key)
      const found = await stat(path).catch(orUndefined)
      // One that is shorter than its row says was tampered with: better none than a part.
      return found?.isFile() && found.size >= end ? Bun.file(path).slice(start, end) : undefined
    },
    remove: async (key) => {
      const path = pathOf(key)
      await unlink(path).catch(orUndefined)
      await removeEmpty(dirname(path), folder)
    },
    list: () => listUnder(folder),
  } satisfies FileStore)
}

/** A new name is there after a power cut once its folder is synced, and the folder's own name in turn. */
async function syncFolders(from: string, until: string): Promise<void> {
  for (let at = from; at.startsWith(until); at = dirname(at)) await syncFolder(at)
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(throwDisk)
  try {
    await handle.sync().catch(throwDisk)
  } finally {
    await handle.close()
  }
}

/** Folders of the key that hold nothing any more. */
async function removeEmpty(from: string, folder: string): Promise<void> {
  const mostAbove = 2
  let at = from
  for (let step = 0; step < mostAbove && at.startsWith(`${folder}${sep}`); step += 1) {
    try {
      await rmdir(at)
    } catch {
      // It holds others, or another upload has just begun to fill it.
      return
    }
    at = dirname(at)
  }
}

async function* listUnder(folder: string, prefix = ''): AsyncIterable<StoredKey> {
  const entries = await opendir(folder).catch(orUndefined)
  if (!entries) return
  for await (const entry of entries) {
    // Those that begin with a dot are not files yet, or not ours.
    if (entry.name.startsWith('.')) continue
    const path = join(folder, entry.name)
    const key = `${prefix}${entry.name}`
    if (entry.isDirectory()) yield* listUnder(path, `${key}/`)
    else if (entry.isFile()) {
      const found = await lstat(path).catch(orUndefined)
      if (found) yield { key, changedMs: found.mtimeMs }
    }
  }
}

function throwDisk(error: unknown): never {
  throw diskProblem(error)
}

function orUndefined(error: unknown): undefined {
  if (!isMissing(error)) throw diskProblem(error)
}
