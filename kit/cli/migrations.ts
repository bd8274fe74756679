import {
  createLog,
  formatConfigFault,
  type ParsedConfig,
  parseConfig,
  systemClock,
} from '#kit/core'
import { openDatabase } from '#kit/db'
import { createMigrator, type MigrationStatus, type Migrator } from '#kit/migrate'
import { type CommandCall, StartError, toMigrationSets, usageFault } from '#kit/tool'

type Call = Pick<CommandCall, 'environment' | 'loadApp'>

/** The configuration a command works with. Throws with every fault of the environment. */
export function configOf({ environment }: Pick<Call, 'environment'>): ParsedConfig {
  const parsed = parseConfig(environment)
  if (!parsed.ok) throw new StartError(parsed.errors.map(formatConfigFault))
  return parsed.value
}

/** Runs `work` on the app's database, which is opened, and left as it is otherwise. */
export async function withMigrator<T>(
  call: Call,
  work: (migrator: Migrator) => Promise<T>,
): Promise<T> {
  const config = configOf(call)
  const sets = toMigrationSets(await call.loadApp())
  const log = createLog('silent')
  const database = await openDatabase(config.database, { log })
  try {
    return await work(createMigrator({ database, sets, nowMs: systemClock.nowMs, log }))
  } finally {
    await database.close()
  }
}

/** The option that names what may go. */
export const acceptLossOption = {
  type: 'string',
  repeats: true,
  value: 'TABLE.COLUMN',
} as const

/** What was named with {@link acceptLossOption}. */
export function namesIn(accepted: string | undefined): readonly string[] {
  return accepted?.split('\n') ?? []
}

/** The migration that is meant: `tasks/0002-add-priority`, `tasks/2`, or `2` where only one tool has that number. */
export function migrationNamed(name: string, statuses: readonly MigrationStatus[]): string {
  const meant = statuses.filter(({ id, set, number }) =>
    [id, `${set}/${number}`, `${number}`].includes(name.replace(/(^|\/)0+(?=\d+$)/, '$1')),
  )
  const [first, second] = meant
  if (first === undefined)
    throw usageFault(`There is no migration "${name}". See: plinth migrate status`)
  if (second === undefined) return first.id
  throw usageFault(`"${name}" may be ${meant.map(({ id }) => id).join(' or ')}. Say which.`)
}
