import { join } from 'node:path'
import { isCurrent, readManifest } from '../../kit/cli/build/manifest.ts'
import type { Bench } from '../contest.ts'
import { atMost, type Finding } from '../finding.ts'
import { bare, plinth, plinthBuilt, plinthDirect, root, startServer } from '../servers.ts'
import { median } from '../statistics.ts'
import type { Part } from './part.ts'

const wantedSeconds = 0.25

/** From the start of the process to its first 200, with a database that is migrated. Files are in the system's cache. */
export const coldStart: Part = async (bench) => {
  // The launcher takes what is built, too.
  const kinds = [plinthDirect, ...(isBuilt() ? [plinthBuilt] : []), plinth, bare]
  const url = await bench.newDatabase()
  const times = kinds.map((): number[] => [])
  const rounds = bench.options.isQuick ? 7 : 21
  for (let round = 0; round < rounds; round++)
    for (const [index, kind] of kinds.entries())
      times[index]?.push(await timeStart(bench, { kind, url }))
  return kinds.map(({ name }, index): Finding => {
    const own = times[index] ?? []
    const seconds = median(own)
    return {
      title: `cold start, ${name}`,
      cells: {
        seconds: seconds.toFixed(3),
        range: `${Math.min(...own).toFixed(3)}–${Math.max(...own).toFixed(3)}`,
      },
      target: name === bare.name ? undefined : atMost(wantedSeconds, seconds, ' s'),
      data: { seconds: own },
    }
  })
}

function isBuilt(): boolean {
  const manifest = readManifest(join(root, 'dist'))
  return manifest !== undefined && isCurrent(manifest, root)
}

interface Start {
  readonly kind: typeof plinth
  readonly url: string
}

async function timeStart({ place }: Bench, { kind, url }: Start): Promise<number> {
  const fromMs = performance.now()
  const server = await startServer(place, kind, { url })
  const seconds = (performance.now() - fromMs) / 1000
  await server.stop()
  return seconds
}
