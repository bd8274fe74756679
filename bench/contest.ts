import { join } from 'node:path'
import type { Feed, Job, LoadResult } from './load/job.ts'
import type { Options } from './options.ts'
import type { Postgres } from './postgres.ts'
import type { Scenario } from './scenarios.ts'
import type { Dataset } from './seed.ts'
import { type Server, type ServerKind, startServer } from './servers.ts'
import { type Session, signInOwners } from './sessions.ts'
import type { Workplace } from './workplace.ts'

/** What every part of the bench works with. */
export interface Bench {
  readonly place: Workplace
  readonly options: Options
  /** A database with the dataset, for one server alone. Answers its URL. */
  readonly newDatabase: () => Promise<string>
  readonly dataset: Dataset
  /** A SQLite file with the dataset that no server has open; it is copied, never served. */
  readonly file: string
  readonly postgres: () => Promise<Postgres>
}

/** A server under load, with what it is sent. */
export interface Contestant {
  readonly name: string
  readonly server: Server
  readonly sessions: readonly Session[]
  feed: Feed
}

/** Starts a server on a copy of its own and signs the owners in. */
export async function enterContest(
  bench: Bench,
  kind: ServerKind,
  scenario: Scenario,
): Promise<Contestant> {
  const { place, dataset, options } = bench
  const server = await startServer(place, kind, { url: await bench.newDatabase(), core: 0 })
  const count = Math.max(options.connections, Math.min(dataset.users, 1000))
  const sessions = await signInOwners(server, dataset, count)
  return { name: kind.name, server, sessions, feed: scenario.toFeed(sessions) }
}

/** Loads each in turn, the order reversed every other round; answers each one's results, round by round. */
export async function contest(
  bench: Bench,
  scenario: Scenario,
  contestants: readonly Contestant[],
): Promise<LoadResult[][]> {
  const { warmUp } = bench.options
  const results = contestants.map((): LoadResult[] => [])
  for (let round = 0; round < bench.options.rounds; round++) {
    const order = contestants.map((_, index) => index)
    if (round % 2 === 1) order.reverse()
    for (const index of order) {
      const contestant = contestants[index]
      if (!contestant) continue
      const warmUpSeconds = round === 0 ? warmUp.firstSeconds : warmUp.laterSeconds
      const result = await load(bench, contestant, { scenario, warmUpSeconds })
      results[index]?.push(result)
      process.stderr.write(`  ${scenario.title}: ${contestant.name} ${describe(result)}\n`)
    }
  }
  return results
}

export interface Load {
  readonly scenario: Scenario
  readonly warmUpSeconds: number
}

/** One load. Throws where an answer is not what it should be, since its time would mean nothing. */
export async function load(
  { place, options }: Bench,
  contestant: Contestant,
  { scenario, warmUpSeconds }: Load,
): Promise<LoadResult> {
  const job: Job = {
    port: contestant.server.port,
    pid: contestant.server.pid(),
    connections: Math.min(options.connections, scenario.connections ?? Number.POSITIVE_INFINITY),
    feed: contestant.feed,
    status: scenario.status,
    warmUpMs: scenario.requests === undefined ? warmUpSeconds * 1000 : 0,
    measureMs: options.seconds * 1000,
    requests: scenario.requests && Math.ceil(scenario.requests / (options.isQuick ? 3 : 1)),
  }
  const generator = place.start([process.execPath, join(import.meta.dir, 'load', 'generator.ts')], {
    core: 1,
    input: JSON.stringify(job),
  })
  const output = await generator.output()
  if (output === '')
    throw new Error(`${scenario.title}, ${contestant.name}: ${await generator.faults()}`)
  const result: LoadResult = JSON.parse(output)
  if (result.failures > 0)
    throw new Error(`${contestant.name} (${scenario.title}) answered ${result.failure}`)
  const { feed } = contestant
  if (feed.kind === 'refresh') contestant.feed = { ...feed, tokens: result.tokens }
  return result
}

function describe({ perSecond, cpuUs, p99Ms, generatorLoad }: LoadResult): string {
  const percent = (part: number) => `${(part * 100).toFixed(0)} %`
  const cpu =
    cpuUs === undefined
      ? ''
      : `, ${cpuUs.toFixed(1)} µs of CPU each (server at ${percent((cpuUs * perSecond) / 1e6)})`
  return `${perSecond.toFixed(0)}/s${cpu}, p99 ${p99Ms.toFixed(2)} ms, generator at ${percent(generatorLoad)}`
}
