import { defineCommand, usageFault } from '#kit/tool'
import { acceptLossOption, configOf, namesIn, withMigrator } from '../migrations.ts'

export const migrateDown = defineCommand({
  name: 'migrate down',
  summary: 'Take back the last migration, or the last N',
  usage: '[N]',
  options: {
    'allow-loss': { type: 'boolean', about: 'Go on where rows lose what they have' },
    'accept-loss': {
      ...acceptLossOption,
      about: 'What rows may lose, or a table; production needs it by name',
    },
  },
  notes: ['Stop the server first: it needs the tables that its version knows.'],
  examples: ['plinth migrate down', 'plinth migrate down 2 --allow-loss'],
  environment: ['DATABASE_URL', 'PLINTH_ENV'],
  run: async (call) => {
    const { options, io } = call
    const count = toCount(call.args[0])
    const isAllAllowed = options['allow-loss'] ?? false
    if (isAllAllowed && configOf(call).env === 'production')
      throw usageFault('migrate down: In production name what may go: --accept-loss table.column')
    return withMigrator(call, async (migrator) => {
      const { ids, notRestored } = await migrator.down(count, {
        acceptLoss: isAllAllowed ? 'all' : namesIn(options['accept-loss']),
      })
      for (const id of ids) io.out(`took back ${id}`)
      for (const loss of notRestored) io.err(`plinth: not brought back: ${loss}`)
      if (ids.length === 0) io.out('Nothing to do: no migration is applied.')
      return 0
    })
  },
})

function toCount(text = '1'): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw usageFault(`migrate down: "${text}" is no number of migrations.`)
}
