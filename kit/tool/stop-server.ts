import type { OpenApp } from './open-app.ts'
import { isWithin } from './within.ts'

export interface StopOptions {
  readonly requestsMs?: number
  readonly databaseMs?: number
  /** What else is in flight: jobs that were told to end. */
  readonly work?: Promise<unknown>
}

/** Accepts nothing more, finishes what is in flight, closes; what takes too long is cut off and named in the log. */
export async function stopServer(
  server: Bun.Server<undefined>,
  app: OpenApp,
  // Orchestrators kill after 10 s: requests get most of it, the database the rest.
  { requestsMs = 7000, databaseMs = 2000, work }: StopOptions = {},
): Promise<void> {
  const { log } = app.context
  const areDone = await isWithin(requestsMs, Promise.all([server.stop(), work]))
  if (!areDone) {
    log.warn({ requests: server.pendingRequests }, 'stopping: requests were cut off')
    await isWithin(0, server.stop(true))
  }
  const isClosed = await isWithin(databaseMs, app.close())
  if (!isClosed) log.error('stopping: the database did not close in time')
}
