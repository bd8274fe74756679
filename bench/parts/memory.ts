import { type Bench, type Contestant, enterContest, load } from '../contest.ts'
import { atMost, type Finding } from '../finding.ts'
import { residentMb } from '../measure/process-stats.ts'
import { createDurably, listPage, readOne } from '../scenarios.ts'
import { bare, plinth, type ServerKind, startServer } from '../servers.ts'
import type { Part } from './part.ts'

const settleMs = 3000

interface Resident {
  readonly idle: number
  readonly loaded: number
  readonly settled: number
}

/** Resident memory of the server's process: at rest, right after loads of reading and writing, and a while later. */
export const memory: Part = async (bench) => {
  const own = await measure(bench, plinth)
  const other = await measure(bench, bare)
  const data = { own, other }
  const line = (title: string, name: keyof Resident, wanted?: number): Finding => ({
    title: `memory ${title}`,
    cells: { 'Plinth MB': own[name].toFixed(0), 'bare MB': other[name].toFixed(0) },
    target: wanted === undefined ? undefined : atMost(wanted, own[name], ' MB'),
    data,
  })
  return [line('idle', 'idle', 80), line('after load', 'loaded', 130), line('3 s later', 'settled')]
}

async function measure(bench: Bench, kind: ServerKind): Promise<Resident> {
  const idle = await measureIdle(bench, kind)
  const contestant = await enterContest(bench, kind, readOne)
  const warmUpSeconds = bench.options.warmUp.laterSeconds
  for (const scenario of [readOne, listPage, createDurably]) {
    const feed = scenario.toFeed(contestant.sessions)
    await load(bench, { ...contestant, feed }, { scenario, warmUpSeconds })
  }
  const loaded = resident(contestant.server)
  await Bun.sleep(settleMs)
  const settled = resident(contestant.server)
  await contestant.server.stop()
  return { idle, loaded, settled }
}

/** Of a server that has answered its health and nothing else. */
async function measureIdle({ place, newDatabase }: Bench, kind: ServerKind): Promise<number> {
  const server = await startServer(place, kind, { url: await newDatabase() })
  await Bun.sleep(settleMs)
  const idle = resident(server)
  await server.stop()
  return idle
}

function resident(server: Contestant['server']): number {
  return residentMb(server.pid()) ?? Number.NaN
}
