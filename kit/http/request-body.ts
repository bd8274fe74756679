import { Problem } from '#kit/core'

const mostBytes = 1024 * 1024
const mostDepth = 32
const decoder = new TextDecoder('utf-8', { fatal: true })
const jsonType = /^application\/(?:[\w.+-]+\+)?json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?;?\s*$/i

/** The bytes of the body. Throws `too_large` over the limit (1 MiB), as soon as that is known. */
export async function readBytes(
  request: Request,
  headers: Headers,
  most = mostBytes,
): Promise<Uint8Array> {
  const length = headers.get('content-length')
  if (length !== null && !(Number(length) <= most)) throw tooLarge(most)
  if (request.body === null) return new Uint8Array()
  if (length === null) return readStream(request.body, most)
  const bytes = await request.bytes().catch(throwBroken)
  if (bytes.length > most) throw tooLarge(most)
  return bytes
}

/** Throws `too_large` where the length that is announced is; for routes that read no body. */
export function assertLength(headers: Headers): void {
  const length = headers.get('content-length')
  if (length !== null && !(Number(length) <= mostBytes)) throw tooLarge(mostBytes)
}

/**
 * The value of a JSON body; undefined where there is none at all. Throws `unsupported_media_type` for
 * another content type, `malformed` for what is no JSON in UTF-8 or nests too deep.
 */
export function parseBody(bytes: Uint8Array, headers: Headers): unknown {
  const type = headers.get('content-type')
  if (bytes.length === 0 && type === null) return undefined
  if (type !== 'application/json' && (type === null || !jsonType.test(type)))
    throw new Problem(
      'unsupported_media_type',
      'The body must be JSON in UTF-8: send the header "Content-Type: application/json".',
    )
  if (headers.get('content-encoding') !== null)
    throw new Problem('unsupported_media_type', 'The body must not be compressed.')
  if (bytes.length === 0) return undefined
  const text = decode(bytes)
  assertDepth(text)
  return parseJson(text)
}

async function readStream(body: ReadableStream<Uint8Array>, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await reader.read().catch(throwBroken)
    if (done) return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
    length += value.length
    if (length > most) {
      // What else may come is dropped; whether that works is the sender's affair.
      reader.cancel().catch(() => undefined)
      throw tooLarge(most)
    }
    chunks.push(value)
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new Problem('malformed', 'The body is not UTF-8.', { cause })
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Problem('malformed', 'The body is not JSON.', { cause })
  }
}

const quote = 0x22
const backslash = 0x5c

/** Counts brackets in the text, before a parser that goes down one call a level sees it. */
function assertDepth(text: string): void {
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === quote) at = endOfString(text, at)
    else if (code === 0x7b || code === 0x5b) depth += 1
    else if (code === 0x7d || code === 0x5d) depth -= 1
    if (depth > mostDepth)
      throw new Problem('malformed', `The body is nested deeper than ${mostDepth} levels.`)
  }
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text.charCodeAt(at) !== quote)
    at += text.charCodeAt(at) === backslash ? 2 : 1
  return at
}

function tooLarge(most: number): Problem {
  return new Problem('too_large', `The body is larger than ${most / 1024 / 1024} MiB.`)
}

function throwBroken(cause: unknown): never {
  throw new Problem('malformed', 'The body ended before it was complete.', { cause })
}
