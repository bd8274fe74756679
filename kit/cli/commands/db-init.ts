import { createMigrator } from '#kit/migrate'
import { defineCommand, toMigrationSets } from '#kit/tool'
import { addressOf, databaseConfig, withNewDatabase } from '../data/databases.ts'

export const dbInit = defineCommand({
  name: 'db init',
  summary: 'Make the database where it is not there, and migrate it',
  usage: '',
  options: {},
  notes: [
    'It may be called again: what is there stays. On PostgreSQL it needs a user who may make databases.',
  ],
  examples: [
    'plinth db init',
    'DATABASE_URL=postgresql://plinth:…@localhost/plinth plinth db init',
  ],
  environment: ['DATABASE_URL'],
  run: async ({ io, environment, loadApp }) => {
    const sets = toMigrationSets(await loadApp())
    const config = databaseConfig(environment)
    return withNewDatabase(config, async (database) => {
      const applied = await createMigrator({ database, sets, nowMs: Date.now }).up()
      for (const id of applied) io.out(`applied ${id}`)
      io.out(
        `${addressOf(config)} is ready${applied.length === 0 ? '; nothing was to be done' : ''}`,
      )
      return 0
    })
  },
})
