import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Problem } from '#kit/core'
import type { Io } from '#kit/tool'

/** Something that can be read from its beginning any number of times. */
export interface InputFile {
  readonly chunks: () => AsyncIterable<Uint8Array>
}

/** Works on a file, or with `-` on standard input, which is kept in a file meanwhile. */
export async function withInputFile<T>(
  { io, name }: { readonly io: Io; readonly name: string },
  work: (file: InputFile) => Promise<T>,
): Promise<T> {
  if (name !== '-') {
    await assertFile(name)
    return work(open(name))
  }
  const folder = await mkdtemp(join(tmpdir(), 'plinth-input-'))
  try {
    const file = join(folder, 'input')
    await pipeline(io.readChunks(), createWriteStream(file, { mode: 0o600 }))
    return await work(open(file))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function open(name: string): InputFile {
  return { chunks: () => Bun.file(name).stream() }
}

async function assertFile(name: string): Promise<void> {
  const found = await stat(name).catch(() => undefined)
  if (!found) throw new Problem('not_found', `There is no file ${name}.`)
  if (!found.isFile())
    throw new Problem('invalid', `${name} is no file. Pipe it in: plinth import … - < ${name}`)
}
