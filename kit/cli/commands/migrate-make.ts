import { relative } from 'node:path'
import { checkModels, type MadeMigration, makeMigrations } from '#kit/migrate'
import { defineCommand, type Io, toMigrationSets } from '#kit/tool'

export const migrateMake = defineCommand({
  name: 'migrate make',
  summary: 'Write migrations for what has changed in the models',
  usage: '',
  options: {
    message: {
      type: 'string',
      short: 'm',
      value: 'TEXT',
      about: 'What it is for; the file is named after it. Default: its first change',
    },
    'allow-loss': { type: 'boolean', about: 'Make it even if it destroys something' },
  },
  notes: [
    "It compares the models with the snapshot beside the migrations and needs no database. A field that was renamed says so: .was('old_name'). Commit what it writes.",
  ],
  examples: [
    'plinth migrate make -m "add a priority to tasks"',
    'plinth migrate make --allow-loss',
  ],
  run: async ({ options, io, loadApp }) => {
    const sets = toMigrationSets(await loadApp())
    const [drift] = await checkModels(sets)
    const { migrations, refreshed } = await makeMigrations(sets, {
      message: options.message ?? drift?.changes[0] ?? 'nothing',
      allowLoss: options['allow-loss'] ?? false,
    })
    for (const made of migrations) report(made, io)
    for (const set of refreshed) io.out(`${set}: snapshot.json brought up to date`)
    if (migrations.length + refreshed.length === 0)
      io.out('Nothing to do: the migrations make what the models say.')
    return 0
  },
})

function report({ path, operations, loses }: MadeMigration, io: Io): void {
  io.out(`wrote ${relative('.', path)}`)
  for (const operation of operations) io.out(`  ${operation}`)
  for (const loss of loses) io.out(`  loses ${loss}`)
}
