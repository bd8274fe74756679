import type { ServiceContext } from '#kit/http'
import { fileFieldsOf } from '#kit/model'
import { removeOrphans } from './remove-orphans.ts'

/** Removes files that no row holds, and tells the log. Does nothing where no model has files. */
export async function cleanFiles(context: ServiceContext, signal: AbortSignal): Promise<void> {
  const models = context.database.models ?? []
  if (!models.some((model) => fileFieldsOf(model).length > 0)) return
  const { removed, left, held } = await removeOrphans(context, signal)
  if (removed > 0) context.log.info({ files: removed }, 'files that no row holds were removed')
  if (left > 0 && !signal.aborted)
    context.log.warn(
      { files: left, held },
      'files that no row of this database holds were left: see whether UPLOADS_DIR or FILES belongs to it',
    )
}
