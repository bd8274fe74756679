import { defineCommand } from '#kit/tool'
import { migrationNamed, withMigrator } from '../migrations.ts'

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
  },
  notes: [
    'Each is applied whole or not at all. Of several processes one applies them, the others wait.',
  ],
  examples: ['plinth migrate up', 'plinth migrate up --to tasks/2'],
  environment: ['DATABASE_URL'],
  run: async (call) => {
    const { options, io } = call
    return withMigrator(call, async (migrator) => {
      const { to } = options
      const last = to === undefined ? {} : { to: migrationNamed(to, await migrator.status()) }
      const applied = await migrator.up(last)
      for (const id of applied) io.out(`applied ${id}`)
      if (applied.length === 0) io.out('Nothing to do: no migration is pending.')
      return 0
    })
  },
})
