import { cpuSeconds } from '../measure/cpu-time.ts'
import { openClient } from './client.ts'
import type { Job, LoadResult } from './job.ts'
import { createLatencies } from './latencies.ts'
import { bodyOf, statusOf } from './response.ts'
import { createSource } from './sources.ts'

/** What is read at both ends of a measurement. */
interface Mark {
  readonly atMs: number
  readonly serverSeconds: number | undefined
  readonly ownUs: number
}

/** Loads the server as the job says and resolves when every request is answered. Rejects at the first broken connection. */
export async function applyLoad(job: Job): Promise<LoadResult> {
  const source = createSource(job.feed, job.connections)
  const latencies = createLatencies()
  const startMs = performance.now()
  const measureFrom = startMs + job.warmUpMs
  const measureTo =
    job.requests === undefined ? measureFrom + job.measureMs : Number.POSITIVE_INFINITY
  let begin: Mark | undefined
  let end: Mark | undefined
  let underway = 0
  let failures = 0
  let failure: string | undefined
  const { promise: done, resolve, reject } = Promise.withResolvers<void>()

  const mark = (): Mark => ({
    atMs: performance.now(),
    serverSeconds: cpuSeconds(job.pid),
    ownUs: sum(process.cpuUsage()),
  })

  const count = (connection: number, sentMs: number, response: Buffer): void => {
    const status = statusOf(response)
    if (status === job.status) source.take(connection, response)
    else {
      failures += 1
      failure ??= `${status} ${bodyOf(response)}`
    }
    const nowMs = performance.now()
    if (nowMs < measureFrom || end) return
    begin ??= mark()
    latencies.add(nowMs - sentMs)
    if (nowMs >= measureTo || latencies.count() === job.requests) end = mark()
  }

  const clients = await Promise.all(
    Array.from({ length: job.connections }, async (_, connection) => {
      let sentMs = 0
      const client = await openClient(job.port, {
        fault: reject,
        response: (response) => {
          count(connection, sentMs, response)
          if (end === undefined && failures === 0) send()
          else if (--underway === 0) resolve()
        },
      })
      const send = (): void => {
        sentMs = performance.now()
        client.send(source.next(connection))
      }
      return { send, close: client.close }
    }),
  )
  underway = clients.length
  for (const { send } of clients) send()
  if (job.requests !== undefined && job.warmUpMs === 0) begin = mark()
  await done
  for (const { close } of clients) close()

  const [p50Ms = 0, p99Ms = 0] = latencies.quantiles([0.5, 0.99])
  const answered = latencies.count()
  return {
    answered,
    ...between(begin ?? mark(), end ?? mark(), answered),
    p50Ms,
    p99Ms,
    failures,
    failure,
    tokens: source.tokens(),
  }
}

function between(begin: Mark, end: Mark, answered: number) {
  const seconds = (end.atMs - begin.atMs) / 1000
  const isKnown = begin.serverSeconds !== undefined && end.serverSeconds !== undefined
  const serverSeconds = isKnown ? end.serverSeconds - begin.serverSeconds : undefined
  return {
    seconds,
    perSecond: answered / seconds,
    cpuUs: serverSeconds === undefined ? undefined : (serverSeconds * 1e6) / answered,
    generatorLoad: (end.ownUs - begin.ownUs) / 1e6 / seconds,
  }
}

function sum({ user, system }: { user: number; system: number }): number {
  return user + system
}
