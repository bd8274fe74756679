import { type BackupContents, restoreBackup, verifyBackup } from '#kit/data'
import { defineCommand, type Io, toMigrationSets } from '#kit/tool'
import { addressOf, databaseConfig, withNewDatabase } from '../data/databases.ts'
import { interruptible } from '../data/interruptible.ts'
import { createProgressLines, number } from '../data/progress-lines.ts'

export const dbRestore = defineCommand({
  name: 'db restore',
  summary: 'Bring an empty database to where a backup was',
  usage: '<file>',
  options: {
    check: { type: 'boolean', about: 'Only read the file, and say whether it is whole' },
  },
  notes: [
    'The database is made where it is not there, and refused where there are rows in it. Everything is compared with the',
    'manifest of the backup; where anything differs or fails, no row stays.',
  ],
  examples: [
    'DATABASE_URL=sqlite:///data/restored.db plinth db restore data/backups/plinth-….jsonl.gz',
    'plinth db restore --check data/backups/plinth-….jsonl.gz',
  ],
  environment: ['DATABASE_URL'],
  run: async ({ io, args: [file = ''], options, environment, loadApp }) => {
    const onProgress = createProgressLines(io)
    const resume = 'Nothing was restored. The database has no rows; the same may be called again.'
    return interruptible(io, resume, async (signal) => {
      // Before anything is made: a damaged file shall not cost a new database.
      const contents = await verifyBackup(file, { onProgress, signal })
      if (options.check) {
        tell(io, contents)
        io.out(`${file} is whole`)
        return 0
      }
      const config = databaseConfig(environment)
      const sets = toMigrationSets(await loadApp())
      return withNewDatabase(config, async (database) => {
        const work = { database, sets, nowMs: Date.now, file, contents, onProgress, signal }
        tell(io, await restoreBackup(work))
        io.out(`${addressOf(config)} is as the backup was`)
        return 0
      })
    })
  },
})

function tell(io: Io, { header, manifest }: BackupContents): void {
  io.out(`backup of ${header.app} on ${header.engine}, made ${header.made_at}`)
  for (const { name, rows } of manifest) io.out(`${number(rows).padStart(12)}  ${name}`)
}
