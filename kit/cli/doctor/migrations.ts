import { systemClock } from '#kit/core'
import { checkModels, createMigrator } from '#kit/migrate'
import { toMigrationSets } from '#kit/tool'
import { broken, type Check, doubtful, type Facts, type Finding, sound } from './check.ts'

export const migrationsCheck: Check = {
  name: 'migrations',
  look: async (facts) => {
    const { app } = facts
    if (app === undefined) return []
    const drifts = await checkModels(toMigrationSets(app))
    const changed = drifts.map(({ set, changes }) =>
      broken(`The models of ${set} have changed: ${changes.join(', ')}.`, 'plinth migrate make'),
    )
    return [...changed, ...(await lookAtDatabase(facts))]
  },
}

async function lookAtDatabase({ app, config, database }: Facts): Promise<Finding[]> {
  if (app === undefined || config === undefined || database === undefined) return []
  const sets = toMigrationSets(app)
  const migrator = createMigrator({ database, sets, nowMs: systemClock.nowMs })
  const pending = await migrator.pending()
  if (pending.length === 0) return [sound('all applied')]
  const text = `Pending: ${pending.join(', ')}.`
  return config.migrate === 'auto'
    ? [doubtful(text, 'The next start applies them; or: plinth migrate up')]
    : [broken(text, 'plinth migrate up')]
}
