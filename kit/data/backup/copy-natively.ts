import { Problem } from '#kit/core'
import type { Database } from '#kit/db'
import { onConnection } from '../transaction.ts'
import { writeWhole } from './whole-file.ts'

/**
 * Copies the whole database into one file of its engine, with all that is in it, while others read and write. Answers
 * its size. Throws `conflict` where the engine has no such file, or the file is there already.
 */
export function copyNatively(
  database: Pick<Database, 'dialect' | 'exclusively'>,
  file: string,
): Promise<number> {
  return onConnection(database, async ({ executor, engine }) => {
    const { nativeCopy } = engine
    if (nativeCopy === undefined)
      throw new Problem(
        'conflict',
        'A database of this engine is no file. Leave --native out: that backup holds all data of the app.',
      )
    return writeWhole(file, async (temporary) => void (await executor.run(nativeCopy, [temporary])))
  })
}
