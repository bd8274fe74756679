import { scriptOf } from '#kit/migrate'
import type { DialectName } from '#kit/model'
import { defineCommand, toMigrationSets, usageFault } from '#kit/tool'
import { migrationNamed, withMigrator } from '../migrations.ts'

const dialects: readonly DialectName[] = ['sqlite', 'postgres']

export const migrateSql = defineCommand({
  name: 'migrate sql',
  summary: 'Print the statements that "migrate up" would run',
  usage: '',
  options: {
    to: { type: 'string', value: 'NAME', about: 'The last one, as in "migrate up"' },
    dialect: {
      type: 'string',
      value: 'NAME',
      about: 'sqlite or postgres: all migrations, as for an empty database; none is opened',
    },
  },
  notes: [
    'It runs nothing. What a migration asks the database before it goes on stands there as a comment: a script run by',
    'hand does not stop where rows are in the way.',
  ],
  examples: ['plinth migrate sql', 'plinth migrate sql --dialect postgres > schema.sql'],
  environment: ['DATABASE_URL'],
  run: async (call) => {
    const { options, io } = call
    const { to, dialect } = options
    if (dialect !== undefined && to !== undefined)
      throw usageFault('migrate sql: --dialect prints all migrations; leave --to out.')
    const lines = dialect === undefined ? await pending(call, to) : await whole(call, dialect)
    for (const line of lines) io.out(line)
    if (lines.length === 0) io.out('-- Nothing to do: no migration is pending.')
    return 0
  },
})

type Call = Parameters<typeof withMigrator>[0]

function pending(call: Call, to: string | undefined): Promise<string[]> {
  return withMigrator(call, async (migrator) => {
    const last = to === undefined ? {} : { to: migrationNamed(to, await migrator.status()) }
    return migrator.script(last)
  })
}

async function whole({ loadApp }: Call, name: string): Promise<string[]> {
  const dialect = dialects.find((known) => known === name)
  if (dialect === undefined)
    throw usageFault(`migrate sql: "${name}" is none of: ${dialects.join(', ')}.`)
  return scriptOf(toMigrationSets(await loadApp()), dialect, Date.now)
}
