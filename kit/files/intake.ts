import { invalidInput, Problem } from '#kit/core'
import type { FileOptions } from '#kit/model'
import { tooLarge } from './chunks.ts'
import { createTextCheck, type FoundType, telling, typeOf } from './file-type.ts'
import type { SpoolFile } from './spool.ts'

export interface Intake {
  /** Throws `too_large` and `unsupported_media_type` as soon as that is known. */
  readonly take: (bytes: Uint8Array) => Promise<void>
  /** What came, all of it on the disk. Throws `invalid` for nothing. */
  readonly finish: () => Promise<FoundType & { readonly size: number }>
}

const plainText: FoundType = { type: 'text/plain', extension: 'txt' }

/** Writes a file to the spool while it is looked at: how large it is, and what. */
export function createIntake(file: SpoolFile, { max, types }: FileOptions): Intake {
  const text = types.includes(plainText.type) ? createTextCheck() : undefined
  let isText = text !== undefined
  let beginning = Buffer.alloc(0)
  let found: FoundType | undefined
  let size = 0

  const decide = async (): Promise<FoundType> => {
    const seen = await typeOf(beginning)
    if (seen && types.includes(seen.type)) return seen
    if (!seen && isText) return plainText
    throw refused(seen, types)
  }

  return {
    take: async (bytes) => {
      size += bytes.length
      if (size > max) throw tooLarge()
      isText &&= text?.take(bytes) ?? false
      if (!found) {
        beginning = Buffer.concat([beginning, bytes.subarray(0, telling - beginning.length)])
        if (beginning.length >= telling) found = await decide()
      }
      if (found === plainText && !isText) throw refused(undefined, types)
      await file.write(bytes)
    },
    finish: async () => {
      if (size === 0) throw empty()
      found ??= await decide()
      if (found === plainText && !(isText && text?.isWhole())) throw refused(undefined, types)
      await file.finish()
      return { ...found, size }
    },
  }
}

function empty(): Problem {
  return invalidInput([{ path: 'file', code: 'too_small', message: 'Must not be empty.' }])
}

function refused(seen: FoundType | undefined, types: readonly string[]): Problem {
  const what = seen ? `By its content this is ${seen.type}` : 'By its content this is none'
  return new Problem(
    'unsupported_media_type',
    `${what}; a file here is one of ${types.join(', ')}.`,
  )
}
