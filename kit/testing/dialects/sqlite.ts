import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DialectUnderTest, TestDatabase } from './dialect-under-test.ts'

/** SQLite on a file, as it runs in earnest: what holds in memory need not hold on a disk. */
export const sqliteUnderTest = Object.freeze<DialectUnderTest>({
  name: 'sqlite',
  isAvailable: () => true,
  start: async () => {},
  create: async (): Promise<TestDatabase> => {
    const folder = await mkdtemp(join(tmpdir(), 'plinth-'))
    return {
      config: { dialect: 'sqlite', file: join(folder, 'app.db') },
      remove: () => rm(folder, { recursive: true, force: true }),
    }
  },
})
