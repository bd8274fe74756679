import { resolve } from 'node:path'
import { Problem } from '#kit/core'
import type { DroppedFile } from '#kit/db'
import { type BodyStream, defineService, type ServiceContext } from '#kit/http'
import type { FileOptions, FileValue } from '#kit/model'
import { type FilePlace, fileKey, keyOf } from './file-key.ts'
import type { FileStore } from './file-store.ts'
import { openStore } from './open-store.ts'
import { receiveFile } from './receive-file.ts'
import { createSpool, type Spool } from './spool.ts'

/** A file that is kept, before a row says so. */
export interface KeptFile {
  readonly value: FileValue
  /** Removes it again where the row was not written for sure; otherwise the clean-up finds out. */
  readonly abandon: (error: unknown) => void
}

export interface Bringing {
  readonly place: FilePlace
  readonly options: FileOptions
  /** Where it will be served. */
  readonly path: string
  /** Who brings it. */
  readonly actorId: string | null
}

export interface FileKeeper {
  readonly store: FileStore
  readonly spool: Spool
  /** Receives the file of a body and keeps it. */
  bring(body: BodyStream, bringing: Bringing): Promise<KeptFile>
  /** Removes a file that no row holds any more. Throws nothing. */
  drop(file: DroppedFile): void
  /** Resolves when all that was to be removed is, or was given up. */
  idle(): Promise<void>
}

/** How long a whole upload may take. */
export const uploadMs = 10 * 60_000
const stallMs = 15_000
const mostAtOnce = 64
const mostOfOne = 4

/** The place of the files. */
export const fileStore = defineService<FileStore>('file-store', ({ config }) => openStore(config))

/** Takes files in and lets them go. */
export const fileKeeper = defineService('file-keeper', createFileKeeper)

function createFileKeeper(context: ServiceContext): FileKeeper {
  const { config, log, ids } = context
  const store = context.use(fileStore)
  const spool = createSpool({ folder: resolve(config.uploadsDir) })
  const turns = createTurns()
  const removals = new Set<Promise<void>>()
  const remove = (key: string) => {
    const removal = store.remove(key).catch((error: unknown) => {
      log.warn({ err: error, key }, 'a file was not removed; the clean-up will try again')
    })
    removals.add(removal)
    void removal.then(() => removals.delete(removal))
  }
  return Object.freeze({
    store,
    spool,
    bring: (body, { place, options, path, actorId }) =>
      turns.run(actorId ?? '', async () => {
        const limits = { stallMs, totalMs: uploadMs }
        const { spooled, ...received } = await receiveFile(body, options, { spool, limits })
        try {
          const version = ids.uuid()
          const key = fileKey(place, version)
          const { path: from } = spooled
          await store.put(key, { path: from, size: received.size, type: received.type })
          return {
            value: { ...received, url: `${path}?v=${version}` },
            abandon: (error) => {
              if (isCertain(error)) remove(key)
            },
          }
        } finally {
          // Where the store moved it there is nothing left.
          await spooled.discard()
        }
      }),
    drop: ({ value, ...place }) => remove(keyOf(place, value)),
    idle: async () => {
      await Promise.all(removals)
    },
  } satisfies FileKeeper)
}

/** After a refusal nothing was written; after a connection that broke, nobody knows. */
function isCertain(error: unknown): boolean {
  return error instanceof Problem && error.kind.status < 500
}

/** Lets so many work at once, and so many of them for one. */
function createTurns() {
  const running = new Map<string, number>()
  let sum = 0
  return {
    run: async <T>(who: string, work: () => Promise<T>): Promise<T> => {
      const own = running.get(who) ?? 0
      if (own >= mostOfOne) throw busy('rate_limited', 'You are sending several files already.')
      if (sum >= mostAtOnce) throw busy('unavailable', 'Too many files are coming in.')
      sum += 1
      running.set(who, own + 1)
      try {
        return await work()
      } finally {
        sum -= 1
        const left = (running.get(who) ?? 1) - 1
        if (left === 0) running.delete(who)
        else running.set(who, left)
      }
    },
  }
}

function busy(code: 'rate_limited' | 'unavailable', detail: string): Problem {
  return new Problem(code, `${detail} Try again shortly.`, { headers: { 'retry-after': '5' } })
}
