import type { BusboyFileStream, BusboyInstance } from '@fastify/busboy'
import { invalidInput, Problem } from '#kit/core'

/** The one part of the body, by this name. */
export const partName = 'file'

/** Headers of one part that are more are no part that a browser sends. */
const partLimits = {
  files: 1,
  parts: 1,
  fields: 1,
  fieldSize: 1,
  headerPairs: 20,
  headerSize: 8192,
}

/** Takes the bytes of the file in order; the next come when it is done with these. */
export type TakeBytes = (bytes: Uint8Array) => Promise<void>

interface Parsing {
  name: string | undefined
  isThere: boolean
  fault: unknown
  readonly waiting: Uint8Array[]
}

/**
 * Reads the one file of a multipart body, never holding more than a chunk of it. Answers what the sender calls it.
 * Throws `malformed` for what is no multipart, `invalid` for another part or none.
 */
export async function readOneFile(
  type: string,
  chunks: AsyncIterable<Uint8Array>,
  take: TakeBytes,
): Promise<string | undefined> {
  const parsing: Parsing = { name: undefined, isThere: false, fault: undefined, waiting: [] }
  const parser = await createParser(type, parsing)
  const ended = Promise.withResolvers<void>()
  parser.once('finish', ended.resolve)
  parser.on('error', (error: unknown) => {
    parsing.fault ??= malformed(error)
    ended.resolve()
  })
  for await (const chunk of chunks) {
    await feed(parser, chunk, ended.promise)
    await drain(parsing, take)
  }
  parser.end()
  await ended.promise
  await drain(parsing, take)
  if (!parsing.isThere)
    throw invalidInput([{ path: partName, code: 'required', message: 'Is required.' }])
  return parsing.name
}

async function createParser(type: string, parsing: Parsing): Promise<BusboyInstance> {
  // Few requests bring files: the library is loaded by the first of them.
  const { Busboy } = await import('@fastify/busboy')
  const refuse = () => {
    parsing.fault ??= invalidInput([
      { path: '', code: 'unknown', message: `The body must have one part, "${partName}", a file.` },
    ])
  }
  try {
    const parser = new Busboy({ headers: { 'content-type': type }, limits: partLimits })
    parser.on('file', (name, stream, fileName) => {
      if (name !== partName) refuse()
      parsing.isThere = true
      parsing.name = fileName
      listen(stream, parsing)
    })
    for (const event of ['field', 'partsLimit', 'filesLimit', 'fieldsLimit'] as const)
      parser.on(event, refuse)
    return parser
  } catch (error) {
    throw malformed(error)
  }
}

function listen(stream: BusboyFileStream, parsing: Parsing): void {
  stream.on('data', (bytes: Uint8Array) => parsing.waiting.push(bytes))
  stream.on('error', (error) => {
    parsing.fault ??= malformed(error)
  })
}

/** Resolves when the parser can take more, or never will. */
function feed(parser: BusboyInstance, chunk: Uint8Array, ended: Promise<void>): Promise<void> {
  const fed = new Promise<void>((resolve) => parser.write(chunk, () => resolve()))
  return Promise.race([fed, ended])
}

async function drain(parsing: Parsing, take: TakeBytes): Promise<void> {
  if (parsing.fault !== undefined) throw parsing.fault
  for (const bytes of parsing.waiting.splice(0)) await take(bytes)
}

function malformed(cause: unknown): Problem {
  return new Problem('malformed', 'The body is not multipart/form-data.', { cause })
}
