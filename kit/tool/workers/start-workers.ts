import { createLog, databasePlace, type Environment, type Log, type ParsedConfig } from '#kit/core'
import type { App } from '../create-app.ts'
import { findFreePort } from '../listen.ts'
import { StartError } from '../start-error.ts'
import { checkStart } from '../start-server.ts'
import { WorkerGroup } from './worker-group.ts'
import { spawnWorker } from './worker-process.ts'

export interface WorkersOptions {
  readonly count: number
  /** Starts one: it serves with `startServer`, told how many `workers` there are, and sends `{ ready: line }`. */
  readonly command: readonly string[]
  /** What it is given beside our own environment. */
  readonly environment?: Environment
  /** Default: JSON lines on standard error, from the configured level on. */
  readonly log?: Log
}

export interface RunningWorkers {
  /** The line that says all are ready. Rejects with StartError where one does not start. */
  readonly ready: Promise<string>
  /** Rejects with StartError when no worker serves any more and none can be started. */
  readonly lost: Promise<never>
  /** Passes the wish to stop on, waits until all have; at most 10 s. */
  stop(): Promise<void>
  /** Ends all at once. */
  kill(): void
}

/**
 * Starts processes that serve an app on one port and replaces those that die. Throws StartError with all faults at
 * once, before any is started.
 */
export async function startWorkers(
  app: App,
  environment: Environment,
  options: WorkersOptions,
): Promise<RunningWorkers> {
  const config = checkStart(app, environment)
  assertShareable(config)
  const port = await findFreePort(config)
  const worker = {
    words: options.command,
    environment: { ...environment, ...options.environment, PORT: String(port) },
  }
  const group = new WorkerGroup({
    count: options.count,
    log: options.log ?? createLog(config.logLevel),
    spawn: () => spawnWorker(worker),
  })
  return {
    ready: group.start(),
    lost: group.lost,
    stop: () => group.stop(),
    kill: () => group.kill(),
  }
}

function assertShareable({ database }: ParsedConfig): void {
  const faults: string[] = []
  if (process.platform !== 'linux')
    faults.push(
      '--workers: Only Linux deals the connections of one port out to several processes. Leave it out, or start several with a PORT each and a proxy before them.',
    )
  if (!databasePlace(database).isForManyProcesses)
    faults.push(
      '--workers: SQLite lets one process write at a time, and who waits for it answers nobody meanwhile. Leave it out, or set DATABASE_URL to a PostgreSQL database.',
    )
  if (faults.length > 0) throw new StartError(faults)
}
