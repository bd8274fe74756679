import {
  createLog,
  databasePlace,
  type Environment,
  formatConfigFault,
  type Log,
  type ParsedConfig,
  Problem,
  parseConfig,
} from '#kit/core'
import type { ServiceOverride } from '#kit/http'
import { JobRunner } from '#kit/jobs'
import { checkApp, formatAppFault } from './check-app.ts'
import type { App } from './create-app.ts'
import { type Address, findFreePort, listen } from './listen.ts'
import { logDrift } from './migrate-at-start.ts'
import { endLive, type OpenApp, type OpenAppOptions, openApp } from './open-app.ts'
import { StartError } from './start-error.ts'
import { stopServer } from './stop-server.ts'

export interface StartOptions {
  /** Gets the line that says the server is ready. Default: standard output. */
  readonly print?: (line: string) => void
  /** Default: JSON lines on standard error, from the configured level on. */
  readonly log?: Log
  /** How many processes share the port, this one being one of them. Default: it is not shared. */
  readonly workers?: number
  readonly overrides?: readonly ServiceOverride[]
}

export interface RunningServer {
  readonly url: string
  readonly app: OpenApp
  /**
   * Accepts nothing more, finishes the requests in flight, commits, checkpoints, closes. Resolves within 10 s:
   * what takes longer is cut off. A second call waits for the first.
   */
  stop(): Promise<void>
}

/**
 * Starts an app: nothing is opened while the configuration or the declarations are at fault, nothing listens before
 * the data is ready. Throws StartError with all faults at once.
 */
export async function startServer(
  app: App,
  environment: Environment,
  options: StartOptions = {},
): Promise<RunningServer> {
  const config = checkStart(app, environment)
  const log = options.log ?? createLog(config.logLevel)
  logLoose(config, log)
  const { workers, overrides } = options
  const isShared = workers !== undefined
  if (!isShared) await findFreePort(config)
  const opened = await openSoundly(app, { config, log, ...(overrides && { overrides }) })
  const server = await listenOrClose(opened, { ...config, isShared })
  const url = toUrl(config.host, server.port ?? config.port)
  const print = options.print ?? ((line: string) => process.stdout.write(`${line}\n`))
  print(readyLine(app, config, { url, workers }))
  await logDriftIn(config, app, log)
  const jobs = new JobRunner(app.jobs, opened.context)
  jobs.start()
  let stopping: Promise<void> | undefined
  return {
    url,
    app: opened,
    stop: () => {
      const work = jobs.stop()
      stopping ??= endLive(app, opened.context).then(() => stopServer(server, opened, { work }))
      return stopping
    },
  }
}

/** The configuration. Throws StartError with all its faults and those of the declarations at once. */
export function checkStart(app: App, environment: Environment): ParsedConfig {
  const parsed = parseConfig(environment)
  const configFaults = parsed.ok ? [] : parsed.errors.map(formatConfigFault)
  const faults = [...configFaults, ...checkApp(app).map(formatAppFault)]
  if (!parsed.ok || faults.length > 0) throw new StartError(faults)
  return parsed.value
}

/** A problem at start is the operator's to mend: its detail says how. */
async function openSoundly(
  app: App,
  options: OpenAppOptions & { readonly log: Log },
): Promise<OpenApp> {
  const { config, log } = options
  try {
    return await openApp(app, options)
  } catch (error) {
    // A model without its table is why a tool may fail to start.
    await logDriftIn(config, app, log)
    if (!(error instanceof Problem)) throw error
    throw new StartError(error.errors?.map(({ message }) => message) ?? [error.detail], error)
  }
}

/**
 * For who changes models: after the server answers rather than before, and never in the way of it or of the fault
 * that is told next.
 */
async function logDriftIn({ env }: ParsedConfig, app: App, log: Log): Promise<void> {
  if (env !== 'development') return
  try {
    await logDrift(app, log)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    log.warn(error.detail)
  }
}

/** What production would refuse must not go unnoticed before. */
function logLoose({ issuer, betterAuthSecret }: ParsedConfig, log: Log): void {
  if (betterAuthSecret !== undefined && issuer?.audience === undefined)
    log.warn('BETTER_AUTH_SECRET without AUTH_AUDIENCE: tokens are accepted whomever they are for')
}

async function listenOrClose(opened: OpenApp, address: Address) {
  try {
    return listen(opened.http, address)
  } catch (error) {
    await opened.close()
    throw error
  }
}

function toUrl(host: string, port: number): string {
  const name = ['0.0.0.0', '::'].includes(host) ? 'localhost' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}

interface Ready {
  readonly url: string
  readonly workers: number | undefined
}

function readyLine(app: App, config: ParsedConfig, { url, workers }: Ready): string {
  const name = `${app.name.charAt(0).toUpperCase()}${app.name.slice(1)}`
  const docs = config.docs ? 'docs: /docs, ' : ''
  const processes = workers === undefined ? '' : `, ${workers} processes`
  return `${name} ${app.version} ready on ${url} (${docs}database: ${databasePlace(config.database).name}${processes})`
}
