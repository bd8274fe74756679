import { join } from 'node:path'
import { toInstant } from '#kit/core'
import { copyNatively, writeBackup } from '#kit/data'
import { type App, type CommandCall, defineCommand, toMigrationSets } from '#kit/tool'
import { databaseConfig, withDatabase } from '../data/databases.ts'
import { interruptible } from '../data/interruptible.ts'
import { createProgressLines, number } from '../data/progress-lines.ts'

export const dbBackup = defineCommand({
  name: 'db backup',
  summary: 'Write all data of one moment into a file, while others read and write',
  usage: '[file]',
  options: {
    native: {
      type: 'boolean',
      about: 'Copy the file of SQLite as it is, with tables that are not of the app too',
    },
  },
  notes: [
    'The file is the same for every engine: a backup of SQLite can be restored on PostgreSQL and the other way round.',
    'It is JSON lines, compressed; zcat shows it. It holds the hashes of passwords: keep it as you keep the database.',
    'Default: data/backups/<app>-<time>.jsonl.gz.',
  ],
  examples: [
    'plinth db backup',
    'plinth db backup /srv/backups/monday.jsonl.gz',
    'plinth db backup --native copy.db',
  ],
  environment: ['DATABASE_URL'],
  run: async ({ io, args, options, environment, loadApp }) => {
    const app = await loadApp()
    const isNative = options.native ?? false
    const file = args[0] ?? defaultFile(app, isNative)
    return withDatabase(databaseConfig(environment), async (database) => {
      if (!isNative) return backUp({ io, app, database, file })
      io.out(`wrote ${file} (${number(await copyNatively(database, file))} bytes)`)
      return 0
    })
  },
})

interface Backup {
  readonly io: CommandCall['io']
  readonly app: App
  readonly database: Parameters<Parameters<typeof withDatabase>[1]>[0]
  readonly file: string
}

function backUp({ io, app, database, file }: Backup): Promise<number> {
  const onProgress = createProgressLines(io)
  return interruptible(
    io,
    'There is no backup; what was written of it is removed.',
    async (signal) => {
      const { tables, foreign, bytes } = await writeBackup({
        database,
        sets: toMigrationSets(app),
        app: app.name,
        nowMs: Date.now,
        file,
        onProgress,
        signal,
      })
      for (const { name, rows } of tables) io.out(`${number(rows).padStart(12)}  ${name}`)
      if (foreign.length > 0)
        io.err(`plinth: Left out, since no migration has made them: ${foreign.join(', ')}`)
      io.out(`wrote ${file} (${number(bytes)} bytes)`)
      return 0
    },
  )
}

/** Sorts by time, and is a name on every file system. */
function defaultFile({ name }: App, isNative: boolean): string {
  const time = toInstant(Date.now()).slice(0, 19).replaceAll(':', '-')
  return join('data/backups', `${name}-${time}Z.${isNative ? 'db' : 'jsonl.gz'}`)
}
