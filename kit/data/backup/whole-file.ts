import { existsSync } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Problem } from '#kit/core'

/**
 * Lets `write` make a file of another name and gives it its own once it is on disk: whoever finds the file finds it
 * whole. It is readable for this user only. Answers its size in bytes; a fault leaves nothing behind.
 */
export async function writeWhole(
  file: string,
  write: (temporary: string) => Promise<void>,
): Promise<number> {
  if (existsSync(file))
    throw new Problem('conflict', `${file} is there already. Name another file, or move it away.`)
  const temporary = `${file}.${process.pid}.partial`
  try {
    await mkdir(dirname(file), { recursive: true })
    await (await open(temporary, 'w', 0o600)).close()
    await write(temporary)
    await flush(temporary)
    await rename(temporary, file)
    return (await stat(file)).size
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw toProblem(file, error)
  }
}

async function flush(file: string): Promise<void> {
  const handle = await open(file, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const repairs: Readonly<Record<string, string>> = {
  EACCES: 'This user may not write there. Name another folder.',
  EPERM: 'This user may not write there. Name another folder.',
  EROFS: 'Nothing can be written there. Name another folder.',
  ENOSPC: 'The disk is full. Make room, or name another disk.',
  ENOTDIR: 'Its folder is a file. Name another folder.',
  EEXIST: 'Its folder is a file. Name another folder.',
}

function toProblem(file: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const repair = Object.hasOwn(repairs, code) ? repairs[code] : undefined
  if (repair === undefined) return error
  return new Problem('unavailable', `${file} cannot be written. ${repair}`, { cause: error })
}
