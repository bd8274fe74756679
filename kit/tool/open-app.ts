import {
  type Clock,
  type Config,
  createIds,
  createLog,
  ensureSecret,
  type Ids,
  type Log,
  type ParsedConfig,
  systemClock,
} from '#kit/core'
import { type Database, openDatabase } from '#kit/db'
import { fileKeeper } from '#kit/files'
import {
  createHttpApp,
  createServices,
  type DroppedFiles,
  droppedFiles,
  type HttpApp,
  peopleNames,
  type ServiceContext,
  type ServiceOverride,
} from '#kit/http'
import { assertLoaded, type Migrator } from '#kit/migrate'
import { fileFieldsOf } from '#kit/model'
import type { App } from './create-app.ts'
import { assertReady, createAppMigrator, migrateAtStart } from './migrate-at-start.ts'

export interface OpenAppOptions {
  /** Where it holds no secret, one is made and kept beside the data. */
  readonly config: ParsedConfig
  readonly clock?: Clock
  readonly ids?: Ids
  /** Default: JSON lines on standard error, from the configured level on. */
  readonly log?: Log
  readonly overrides?: readonly ServiceOverride[]
  /** `leave`: neither migrates nor looks. Default: what the configuration says. */
  readonly migrate?: Config['migrate'] | 'leave'
}

/** An app at work, without a socket. */
export interface OpenApp {
  readonly context: ServiceContext
  readonly http: HttpApp
  readonly database: Database
  readonly migrator: Migrator
  /** Finishes the writes that are queued and closes the database. */
  close(): Promise<void>
}

/**
 * Opens the database, migrates it and lets each tool start. Throws `unavailable` or `conflict` with one line that says
 * what to mend; nothing is left open then.
 */
export async function openApp(app: App, options: OpenAppOptions): Promise<OpenApp> {
  const { config, clock = systemClock, ids = createIds(clock) } = options
  const log = options.log ?? createLog(config.logLevel)
  const database = await openDatabase(config.database, { log, models: app.models })
  try {
    await assertLoaded(database)
    const migrator = createAppMigrator(app, database, clock)
    const { migrate = config.migrate } = options
    // In production whoever destroys something must name it: plinth migrate up --accept-loss.
    const acceptLoss = config.env === 'production' ? [] : 'said'
    if (migrate !== 'leave') await migrateAtStart(migrator, { migrate, acceptLoss, clock, log })
    const dropped: DroppedFiles = (file) => context.use(fileKeeper).drop(file)
    const base = { config: ensureSecret(config), clock, ids, log, database }
    const context: ServiceContext = createServices(base, [
      ...namesFrom(app),
      ...(hasFiles(app) ? [[droppedFiles, dropped] as const] : []),
      ...(options.overrides ?? []),
    ])
    for (const tool of app.tools) await tool.onStart?.(context)
    const http = createAppHttp(app, context, migrator)
    return {
      context,
      http,
      database,
      migrator,
      close: async () => {
        http.close()
        await endLive(app, context)
        await database.close()
      },
    }
  } catch (error) {
    await database.close()
    throw error
  }
}

function hasFiles({ models }: App): boolean {
  return models.some((model) => fileFieldsOf(model).length > 0)
}

/** Ends the answers that go on and on: nobody need wait for them. */
export async function endLive({ live }: App, { use }: ServiceContext): Promise<void> {
  if (live) await use(live.service).close()
}

/** The tool that knows who is who names people in the answers of all. */
function namesFrom({ tools }: App): ServiceOverride[] {
  const names = tools.find(({ namesOf }) => namesOf !== undefined)?.namesOf
  return names ? [[peopleNames, names]] : []
}

function createAppHttp(app: App, context: ServiceContext, migrator: Migrator): HttpApp {
  const authenticator = app.tools.find((tool) => tool.authenticator !== undefined)?.authenticator
  return createHttpApp({
    name: app.name,
    version: app.version,
    tools: app.tools,
    context,
    authenticator: authenticator && context.use(authenticator),
    isReady: () => assertReady(context.database, migrator),
  })
}
