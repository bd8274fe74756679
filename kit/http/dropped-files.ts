import type { DroppedFile } from '#kit/db'
import { defineService } from './service.ts'

/** Removes files that no row holds any more. Throws nothing. */
export type DroppedFiles = (file: DroppedFile) => void

/** Whoever keeps the files says it. Without anybody nothing looks for them. */
export const droppedFiles = defineService<DroppedFiles | undefined>(
  'dropped-files',
  () => undefined,
)
