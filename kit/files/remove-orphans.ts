import { bindSystem } from '#kit/db'
import type { ServiceContext } from '#kit/http'
import { type AnyModel, anonymous, type FileValue, fileFieldsOf } from '#kit/model'
import { fileKeeper } from './file-keeper.ts'
import { type FilePlace, readFileKey, versionOf } from './file-key.ts'

/** A file this young may be of a request that has not written its row yet. */
const graceMs = 60 * 60_000
/** So many orphans are what crashes leave behind. More of them, most of all, are another database's files. */
const fewOrphans = 10
const mostShare = 0.1

export interface Cleaned {
  /** Files that some row holds. */
  readonly held: number
  readonly removed: number
  /** Orphans that were left, since there were too many to believe it. */
  readonly left: number
}

/**
 * Removes files that no row holds: of requests that ended halfway, and of rows that went in a way that told nobody. It
 * removes none where no file at all is held, or more than a few are not: then the folder is another database's, or the
 * database another folder's, and somebody must look. Files of tables that this app does not have are left alone.
 */
export async function removeOrphans(
  context: ServiceContext,
  signal?: AbortSignal,
): Promise<Cleaned> {
  const { store, spool } = context.use(fileKeeper)
  const beforeMs = context.clock.nowMs() - graceMs
  await spool.clean(beforeMs)
  const isHeld = createIsHeld(context)
  const orphans: string[] = []
  let held = 0
  for await (const { key, changedMs } of store.list()) {
    if (signal?.aborted) break
    const holding = changedMs < beforeMs ? await isHeld(key) : undefined
    if (holding === true) held += 1
    if (holding === false) orphans.push(key)
  }
  const most = Math.max(fewOrphans, (held + orphans.length) * mostShare)
  if (held === 0 || orphans.length > most || signal?.aborted)
    return { held, removed: 0, left: orphans.length }
  for (const key of orphans) await store.remove(key)
  return { held, removed: orphans.length, left: 0 }
}

/** Whether a row holds the file of this key; undefined where it is no file of this app. */
function createIsHeld({ database, clock }: ServiceContext) {
  const models = new Map((database.models ?? []).map((model) => [model.table, model]))
  const all = bindSystem(database, {
    executor: database.reader,
    actor: anonymous,
    nowMs: clock.nowMs,
  })
  return async (key: string): Promise<boolean | undefined> => {
    const parts = readFileKey(key)
    const model = parts && models.get(parts.table)
    if (!model || !fileFieldsOf(model).includes(parts.field)) return undefined
    const id = idOf(model, parts)
    if (id === undefined) return undefined
    const row: Readonly<Record<string, unknown>> | undefined = await all(model).find(id)
    const value = row?.[parts.field] as FileValue | null | undefined
    return value ? versionOf(value) === parts.version : false
  }
}

function idOf(model: AnyModel, { id }: FilePlace): string | number | undefined {
  return model.fields['id']?.spec.use.kind.fromText(id) as string | number | undefined
}
