import { checkModels } from '#kit/migrate'
import { defineCommand, toMigrationSets } from '#kit/tool'
import { toColumns } from '../help.ts'
import { withMigrator } from '../migrations.ts'

export const migrateStatus = defineCommand({
  name: 'migrate status',
  summary: 'List the migrations: which are applied, which are pending',
  usage: '',
  options: {},
  notes: ['The exit code is 1 where nothing can be applied until something is mended.'],
  examples: ['plinth migrate status', 'DATABASE_URL=sqlite:////srv/app.db plinth migrate status'],
  environment: ['DATABASE_URL'],
  run: async (call) => {
    const { io, loadApp } = call
    return withMigrator(call, async (migrator) => {
      const statuses = await migrator.status()
      const rows = statuses.map(({ id, state, appliedAt }) => [state, id, appliedAt ?? ''])
      for (const line of toColumns(rows)) io.out(line)
      for (const { set, changes } of await checkModels(toMigrationSets(await loadApp())))
        io.out(`changed   ${set}: ${changes.join(', ')} → plinth migrate make`)
      // Throws where it would refuse, naming the repair.
      await migrator.pending()
      return 0
    })
  },
})
