import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPasswords, passwords } from '#kit/auth'
import { type Config, createLog, type Environment, type Log, parseConfig } from '#kit/core'
import { openDatabase } from '#kit/db'
import type { ServiceOverride } from '#kit/http'
import { createTables } from '#kit/migrate'
import { type App, createApp, type OpenApp, openApp, type Tool } from '#kit/tool'
import { createAccounts, type TestAccount } from './accounts.ts'
import type { TestDatabase } from './dialects/dialect-under-test.ts'
import type { TestDialect } from './each-dialect.ts'
import { type FakeClock, fakeClock } from './fake-clock.ts'
import { type Answer, createRequest, type SendRequest } from './request.ts'
import { seededIds } from './seeded-ids.ts'

export interface TestAppOptions {
  /** The engine it runs on: see `eachDialect`. Default: SQLite. */
  readonly dialect?: Pick<TestDialect, 'create'>
  /** Variables as the server reads them: `{ REGISTRATION: 'closed' }`. */
  readonly environment?: Environment
  readonly clock?: FakeClock
  /** Makes ids that are the same on every run. Default: random ones. */
  readonly seed?: number
  readonly overrides?: readonly ServiceOverride[]
  /** Default: silent. */
  readonly log?: Log
}

/** An app at work on a database of its own, without a socket. */
export interface TestApp {
  readonly app: App
  readonly opened: OpenApp
  readonly config: Config
  readonly clock: FakeClock
  /**
   * Sends `METHOD /path` as somebody: an account's name (see `as`), or null for nobody. `{name}` in the path stands
   * for that account's id. A body that is text is sent as it is, anything else as JSON; a header that is null is
   * left out.
   */
  readonly request: SendRequest
  /** The same from another address. */
  readonly from: (address: string) => SendRequest
  /**
   * The account of this name, made at its first use. `admin` is the first admin; names that begin with the word
   * `admin` or `staff` (`staff2`, `staff-ada`) have that role; `partner` is staff with a partner number and a PIN; any
   * other is a user.
   */
  readonly as: (name: string) => Promise<TestAccount>
  /** Closes the app and removes its database. */
  readonly close: () => Promise<void>
}

export type { Answer, TestAccount }

const quickPasswords = createPasswords({ cost: 4 })

/**
 * Opens an app for tests, with a fake clock and quick password hashes. A whole app is migrated as in
 * earnest; for loose tools the tables are made from their models.
 */
export async function testApp(
  given: App | readonly Tool[],
  options: TestAppOptions = {},
): Promise<TestApp> {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-'))
  const database = await options.dialect?.create()
  const config = toConfig(folder, { database, environment: options.environment })
  const clock = options.clock ?? fakeClock()
  const log = options.log ?? createLog('silent')
  const app = 'tools' in given ? given : await createLoose(given, { config, log })
  const opened = await openApp(app, {
    config,
    clock,
    log,
    overrides: [[passwords, quickPasswords], ...(options.overrides ?? [])],
    migrate: 'tools' in given ? 'auto' : 'leave',
    ...(options.seed === undefined ? {} : { ids: seededIds(clock, options.seed) }),
  })
  const from = (address: string) => createRequest(opened.http, { address, as: (name) => as(name) })
  const request = from('127.0.0.1')
  const as: TestApp['as'] = createAccounts(request, config)
  const close = async () => {
    await opened.close()
    await database?.remove()
    await rm(folder, { recursive: true, force: true })
  }
  return Object.freeze({ app, opened, config, clock, request, from, as, close })
}

interface Given {
  readonly database: TestDatabase | undefined
  readonly environment: Environment | undefined
}

function toConfig(folder: string, { database, environment }: Given): Config {
  const parsed = parseConfig({
    PLINTH_ENV: 'test',
    DATABASE_URL: `sqlite:///${join(folder, 'app.db')}`,
    UPLOADS_DIR: join(folder, 'uploads'),
    JWT_SECRET_KEY: 'a secret for tests, long enough to be taken as one',
    REGISTRATION_LIMIT: '100000',
    DOCS: 'on',
    ...environment,
  })
  if (!parsed.ok)
    throw new TypeError(parsed.errors.map((fault) => JSON.stringify(fault)).join('\n'))
  const { secret } = parsed.value
  if (secret === undefined) throw new TypeError('JWT_SECRET_KEY: a test app needs one.')
  return { ...parsed.value, secret, ...(database ? { database: database.config } : {}) }
}

/** An app of tools that may have no migrations; their tables are there. */
async function createLoose(
  tools: readonly Tool[],
  { config, log }: { readonly config: Config; readonly log: Log },
): Promise<App> {
  const app = createApp({ name: 'test', version: '0.0.0', tools })
  const database = await openDatabase(config.database, { log })
  await createTables(database, app.models)
  await database.close()
  return app
}
