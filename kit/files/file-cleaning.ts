import type { ServiceContext } from '#kit/http'
import { fileFieldsOf } from '#kit/model'
import { removeOrphans } from './remove-orphans.ts'

const everyMs = 24 * 60 * 60_000

export interface FileCleaning {
  /** Resolves when the first one is done. */
  readonly first: Promise<void>
  /** Ends it; what is under way ends at its next step. */
  stop(): void
}

/** Removes files that no row holds: now, and once a day. Does nothing where no model has files. */
export function startFileCleaning(context: ServiceContext): FileCleaning {
  const models = context.database.models ?? []
  if (!models.some((model) => fileFieldsOf(model).length > 0))
    return { first: Promise.resolve(), stop: () => {} }
  const controller = new AbortController()
  const timer = setInterval(() => void clean(context, controller.signal), everyMs)
  timer.unref()
  return {
    first: clean(context, controller.signal),
    stop: () => {
      clearInterval(timer)
      controller.abort()
    },
  }
}

/** A fault is for the log: tomorrow it is tried again. */
async function clean(context: ServiceContext, signal: AbortSignal): Promise<void> {
  const { log } = context
  try {
    const { removed, left, held } = await removeOrphans(context, signal)
    if (removed > 0) log.info({ files: removed }, 'files that no row holds were removed')
    if (left > 0)
      log.warn(
        { files: left, held },
        'files that no row of this database holds were left: see whether UPLOADS_DIR belongs to it',
      )
  } catch (error) {
    if (!signal.aborted) log.error({ err: error }, 'the files were not cleaned up')
  }
}
