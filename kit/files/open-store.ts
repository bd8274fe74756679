import { resolve } from 'node:path'
import type { Config } from '#kit/core'
import { createDiskStore } from './disk-store.ts'
import type { FileStore } from './file-store.ts'
import { createS3Store } from './s3-store.ts'

/** The store that the configuration names: a bucket (`FILES`), else the disk (`UPLOADS_DIR`). */
export function openStore({ bucket, uploadsDir }: Config): FileStore {
  return bucket ? createS3Store(bucket) : createDiskStore(resolve(uploadsDir))
}
