/** What a file is by its bytes. */
export interface FoundType {
  readonly type: string
  /** The end of its name, without the dot. */
  readonly extension: string
}

/** So many bytes at the beginning tell what a file is. */
export const telling = 4100

/** What bytes begin, whatever anybody calls it; undefined where they are of no known type. */
export async function typeOf(beginning: Uint8Array): Promise<FoundType | undefined> {
  // Few requests bring files: the library is loaded by the first of them.
  const { fileTypeFromBuffer } = await import('file-type')
  const found = await fileTypeFromBuffer(beginning)
  return found && { type: found.mime, extension: found.ext }
}

/** Looks at text as it comes by: whether it is UTF-8 without characters that no text has. */
export interface TextCheck {
  /** Whether all that came so far could be text. */
  readonly take: (chunk: Uint8Array) => boolean
  readonly isWhole: () => boolean
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for.
const untextual = /[\0-\x08\x0e-\x1a\x1c-\x1f]/

export function createTextCheck(): TextCheck {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decode = (chunk: Uint8Array | undefined) => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined })
    } catch (error) {
      if (error instanceof TypeError) return undefined
      throw error
    }
  }
  const isText = (text: string | undefined) => text !== undefined && !untextual.test(text)
  return { take: (chunk) => isText(decode(chunk)), isWhole: () => isText(decode(undefined)) }
}
