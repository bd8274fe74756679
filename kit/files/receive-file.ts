import { Problem } from '#kit/core'
import type { BodyStream } from '#kit/http'
import type { FileOptions } from '#kit/model'
import { chunksOf, tooLarge } from './chunks.ts'
import { toFileName } from './file-name.ts'
import { createIntake } from './intake.ts'
import { readOneFile } from './multipart.ts'
import type { Spool, SpoolFile } from './spool.ts'

/** A file that came in whole and fits; on the disk, and not yet anybody's. */
export interface ReceivedFile {
  readonly name: string
  readonly type: string
  readonly size: number
  readonly spooled: SpoolFile
}

export interface ReceiveLimits {
  readonly stallMs: number
  readonly totalMs: number
}

/** What stands around the file: boundaries and the headers of its part. */
const aroundBytes = 16 * 1024

/**
 * Receives the one file of a multipart body while it is written to the spool: at no time more of it than a chunk is in
 * memory. Throws `too_large`, `unsupported_media_type`, `malformed`, `invalid` or `unavailable`; nothing of it is left then.
 */
export async function receiveFile(
  { stream, headers }: BodyStream,
  options: FileOptions,
  { spool, limits }: { readonly spool: Spool; readonly limits: ReceiveLimits },
): Promise<ReceivedFile> {
  const mostBytes = options.max + aroundBytes
  const length = headers.get('content-length')
  if (length !== null && !(Number(length) <= mostBytes)) throw tooLarge()
  if (!stream) throw new Problem('malformed', 'A multipart/form-data body is required.')
  const spooled = await spool.begin(options.max)
  try {
    const intake = createIntake(spooled, options)
    const type = headers.get('content-type') ?? ''
    const given = await readOneFile(type, chunksOf(stream, { mostBytes, ...limits }), intake.take)
    const { extension, ...found } = await intake.finish()
    return { ...found, name: toFileName(given, extension), spooled }
  } catch (error) {
    await spooled.discard()
    throw error
  }
}
