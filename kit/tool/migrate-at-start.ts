import { type Clock, type Config, fromInstant, type Log, Problem } from '#kit/core'
import type { Database } from '#kit/db'
import {
  type AcceptedLoss,
  checkModels,
  createMigrator,
  type MigrationSet,
  type Migrator,
} from '#kit/migrate'
import type { App } from './create-app.ts'
import { answerWithin } from './within.ts'

/** The migrations of an app: a set a tool, in the order of the tools. */
export function toMigrationSets(app: App): MigrationSet[] {
  return app.tools.map(({ name, migrations, models }) => ({ name, folder: migrations, models }))
}

export interface StartRule {
  readonly migrate: Config['migrate']
  /** What rows may lose by a migration at start. */
  readonly acceptLoss: AcceptedLoss
  readonly clock: Clock
  readonly log: Log
}

/**
 * Brings the database to where the files are, or throws `conflict` where the rule forbids that. An empty database is
 * always migrated.
 */
export async function migrateAtStart(migrator: Migrator, rule: StartRule): Promise<void> {
  if (await migrator.isCurrent()) return
  const isEmpty = await migrator.isEmpty()
  if (isEmpty || rule.migrate === 'auto') {
    const migrations = await migrator.up({ acceptLoss: rule.acceptLoss })
    rule.log[isEmpty ? 'debug' : 'info']({ migrations }, 'migrated')
    return
  }
  if (await isMadeMeanwhile(migrator, rule.clock)) return
  const pending = await migrator.pending()
  // The other process was done between the last two looks.
  if (pending.length === 0) return
  throw new Problem(
    'conflict',
    `The database lacks ${pending.length === 1 ? 'a migration' : `${pending.length} migrations`}: ${pending.join(', ')}. Run "plinth migrate up" (what it will do is shown by "plinth migrate status"), or start with MIGRATE=auto.`,
  )
}

const freshMs = 10_000
const patienceMs = 5000
const pauseMs = 25

/**
 * Whether another process, started at the same time on the empty database, has made it current. Waits for it while the
 * database looks as if that was under way.
 */
async function isMadeMeanwhile(migrator: Migrator, clock: Clock): Promise<boolean> {
  const endMs = performance.now() + patienceMs
  while (performance.now() < endMs && (await isBeingMade(migrator, clock))) {
    await Bun.sleep(pauseMs)
    if (await migrator.isCurrent()) return true
  }
  return false
}

async function isBeingMade(migrator: Migrator, clock: Clock): Promise<boolean> {
  const statuses = await migrator.status()
  const newest = statuses.reduce((latest, { appliedAt }) => {
    return appliedAt !== null && appliedAt > latest ? appliedAt : latest
  }, '')
  return (
    statuses.every(({ batch, state }) => state === 'pending' || batch === 1) &&
    clock.nowMs() - fromInstant(newest) < freshMs
  )
}

/** Who asks whether we are ready does not wait for a connection as long as a user may. */
const readyMs = 2000

/** Throws `unavailable` where the database does not answer at once or is not as the migrations say. */
export async function assertReady(database: Database, migrator: Migrator): Promise<void> {
  const looking = database.ping().then(() => migrator.isCurrent())
  const isCurrent = await answerWithin(readyMs, looking)
  if (isCurrent === undefined)
    throw new Problem('unavailable', 'The database does not answer.', {
      headers: { 'Retry-After': '1' },
    })
  if (!isCurrent)
    throw new Problem('unavailable', 'The database is not as the migrations of this version say.')
}

/** Says in the log which models have changed since their last migration was made. */
export async function logDrift(app: App, log: Log): Promise<void> {
  for (const { set, changes } of await checkModels(toMigrationSets(app)))
    log.warn(
      { tool: set, changes },
      `the models of ${set} are ahead of its migrations: run "plinth migrate make"`,
    )
}

export function createAppMigrator(app: App, database: Database, clock: Clock): Migrator {
  return createMigrator({ database, sets: toMigrationSets(app), nowMs: clock.nowMs })
}
