import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '#kit/db'
import type { Copy, CopyRequest } from './copy.ts'

/** All there is in the file as of one moment, in a file of its own in the folder for temporary files (TMPDIR). */
export async function copySqlite({ config, log }: CopyRequest): Promise<Copy> {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-rehearsal-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  const file = join(folder, 'copy.db')
  try {
    const original = await openDatabase(config, { log })
    try {
      await original.exclusively((executor) => executor.execute('VACUUM INTO ?', [file]))
    } finally {
      await original.close()
    }
  } catch (error) {
    await remove()
    throw error
  }
  return { config: { dialect: 'sqlite', file }, lacks: undefined, remove }
}
