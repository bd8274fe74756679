import { checkDatabase, type Finding } from '#kit/data'
import { defineCommand, toMigrationSets } from '#kit/tool'
import { addressOf, databaseConfig, withDatabase } from '../data/databases.ts'

export const dbCheck = defineCommand({
  name: 'db check',
  summary: 'Connect, write, read and roll back; say what holds',
  usage: '',
  options: {},
  notes: [
    'A line is ok, warn or fail; with a fail the exit code is 1. Nothing stays of what it writes. It reads the whole',
    'file of an SQLite database to see that it is sound.',
  ],
  examples: [
    'plinth db check',
    'DATABASE_URL=postgresql://plinth:…@localhost/plinth plinth db check',
  ],
  environment: ['DATABASE_URL'],
  run: async ({ io, environment, loadApp }) => {
    const sets = toMigrationSets(await loadApp())
    const config = databaseConfig(environment)
    return withDatabase(config, async (database) => {
      io.out(`ok    connects to ${addressOf(config)}`)
      let hasFailed = false
      for await (const finding of checkDatabase({ database, sets, nowMs: Date.now })) {
        io.out(toLine(finding))
        hasFailed ||= finding.level === 'fail'
      }
      return hasFailed ? 1 : 0
    })
  },
})

function toLine({ level, text, repair }: Finding): string {
  return `${level.padEnd(4)}  ${text}${repair === undefined ? '' : ` → ${repair}`}`
}
