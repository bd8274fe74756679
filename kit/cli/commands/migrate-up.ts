import { defineCommand } from '#kit/tool'
import { acceptLossOption, configOf, migrationNamed, namesIn, withMigrator } from '../migrations.ts'

export const migrateUp = defineCommand({
  name: 'migrate up',
  summary: 'Apply the pending migrations',
  usage: '',
  options: {
    to: {
      type: 'string',
      value: 'NAME',
      about: 'The last one to apply: tasks/0002-add-priority, or tasks/2',
    },
    'accept-loss': {
      ...acceptLossOption,
      about: 'What may be destroyed, or a table; production refuses what is not named',
    },
  },
  notes: [
    'Each is applied whole or not at all. Of several processes one applies them, the others wait. On PostgreSQL a table that',
    'somebody else uses is waited for a few seconds only, since all others wait meanwhile.',
  ],
  examples: [
    'plinth migrate up',
    'plinth migrate up --to tasks/2',
    'plinth migrate up --accept-loss tasks.priority --accept-loss notes',
  ],
  environment: ['DATABASE_URL', 'PLINTH_ENV'],
  run: async (call) => {
    const { options, io } = call
    const { to, 'accept-loss': named } = options
    const isGuarded = configOf(call).env === 'production' || named !== undefined
    return withMigrator(call, async (migrator) => {
      const last = to === undefined ? {} : { to: migrationNamed(to, await migrator.status()) }
      const acceptLoss = isGuarded ? namesIn(named) : 'said'
      const applied = await migrator.up({ ...last, acceptLoss })
      for (const id of applied) io.out(`applied ${id}`)
      if (applied.length === 0) io.out('Nothing to do: no migration is pending.')
      return 0
    })
  },
})
