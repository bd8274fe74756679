import { mkdir, open, readdir, stat, statfs, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from '#kit/core'
import { diskProblem, isMissing, noRoom } from './disk-faults.ts'

export interface SpoolOptions {
  /** UPLOADS_DIR. */
  readonly folder: string
  /** Bytes of the disk that stay free for what else is on it: the database, as a rule. Default: 128 MiB. */
  readonly reserve?: number
}

/** A file that is coming in. */
export interface SpoolFile {
  readonly path: string
  write(chunk: Uint8Array): Promise<void>
  /** Resolves when all of it is on the disk. */
  finish(): Promise<void>
  /** Removes it, finished or not; nothing where it was taken away. */
  discard(): Promise<void>
}

export interface Spool {
  /** Throws `unavailable` where there is no room for so many bytes. */
  begin(mostBytes: number): Promise<SpoolFile>
  /** Removes what a process that died left behind: whatever did not grow since then. */
  clean(beforeMs: number): Promise<void>
}

const usualReserve = 128 * 1024 * 1024

/** Where files come in, under names of ours, beside where they are kept: to move one there is one step. */
export function createSpool({ folder, reserve = usualReserve }: SpoolOptions): Spool {
  const incoming = join(folder, '.incoming')
  return {
    begin: async (mostBytes) => {
      try {
        await mkdir(incoming, { recursive: true, mode: 0o700 })
        const { bavail, bsize } = await statfs(incoming)
        if (bavail * bsize < mostBytes + reserve) throw fullProblem()
        return await createSpoolFile(join(incoming, Bun.randomUUIDv7()))
      } catch (error) {
        throw diskProblem(error)
      }
    },
    clean: async (beforeMs) => {
      const names = await readdir(incoming).catch(none)
      for (const name of names) {
        const path = join(incoming, name)
        const found = await stat(path).catch(missing)
        if (found && found.mtimeMs < beforeMs) await unlink(path).catch(missing)
      }
    },
  }
}

function fullProblem(): Problem {
  return new Problem('unavailable', noRoom, { headers: { 'retry-after': '60' } })
}

async function createSpoolFile(path: string): Promise<SpoolFile> {
  const handle = await open(path, 'wx', 0o600)
  let isOpen = true
  const close = async () => {
    if (!isOpen) return
    isOpen = false
    await handle.close()
  }
  const guarded = async (work: () => Promise<unknown>) => {
    try {
      await work()
    } catch (error) {
      throw diskProblem(error)
    }
  }
  return {
    path,
    write: (chunk) => guarded(() => handle.writeFile(chunk)),
    finish: () =>
      guarded(async () => {
        await handle.sync()
        await close()
      }),
    discard: async () => {
      await close().catch(() => undefined)
      await unlink(path).catch(missing)
    },
  }
}

function none(error: unknown): string[] {
  if (isMissing(error)) return []
  throw error
}

function missing(error: unknown): undefined {
  if (!isMissing(error)) throw error
}
