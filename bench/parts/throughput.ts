import { contest, enterContest } from '../contest.ts'
import { atLeast, type Finding, type Target } from '../finding.ts'
import type { LoadResult } from '../load/job.ts'
import { assertSameAnswers } from '../same-answers.ts'
import { createDurably, listPage, logIn, readOne, refresh, type Scenario } from '../scenarios.ts'
import { bare, bareSingly, plinth, type ServerKind } from '../servers.ts'
import { median, ratioOf } from '../statistics.ts'
import type { Part } from './part.ts'

export interface Opponent {
  readonly kind: ServerKind
  /** What the ratio should be at least. */
  readonly wanted?: number
}

export const read = against(readOne, [{ kind: bare, wanted: 0.7 }])
export const list = against(listPage, [{ kind: bare, wanted: 0.8 }])
export const create = against(createDurably, [
  { kind: bare, wanted: 0.65 },
  { kind: bareSingly, wanted: 4 },
])
export const login = against(logIn, [{ kind: bare }])
export const refreshing = against(refresh, [{ kind: bare }])

/** Plinth and others with the same requests: first their answers are compared, then their speed. */
export function against(scenario: Scenario, opponents: readonly Opponent[]): Part {
  return async (bench) => {
    const kinds = [plinth, ...opponents.map(({ kind }) => kind)]
    const contestants = []
    for (const kind of kinds) contestants.push(await enterContest(bench, kind, scenario))
    await assertSameAnswers(scenario, contestants)
    const [own = [], ...others] = await contest(bench, scenario, contestants)
    for (const { server } of contestants) await server.stop()
    return opponents.map(({ kind, wanted }, index) =>
      toFinding(`${scenario.title}${index === 0 ? '' : ` / ${kind.name}`}`, {
        own,
        other: others[index] ?? [],
        wanted,
      }),
    )
  }
}

interface Comparison {
  readonly own: readonly LoadResult[]
  readonly other: readonly LoadResult[]
  readonly wanted: number | undefined
}

function toFinding(title: string, { own, other, wanted }: Comparison): Finding {
  const rate = ratioOf(rates(own), rates(other))
  const cpu = cpuRatio(own, other)
  const target: Target | undefined = wanted === undefined ? undefined : atLeast(wanted, rate.value)
  return {
    title,
    cells: {
      'per second': `${toRate(median(rates(own)))} : ${toRate(median(rates(other)))}`,
      ratio: `${rate.value.toFixed(2)} (${rate.lowest.toFixed(2)}–${rate.highest.toFixed(2)})`,
      'CPU µs': `${toCpu(own)} : ${toCpu(other)}`,
      'CPU ratio': cpu === undefined ? '' : cpu.toFixed(2),
      '% of a core': `${toShare(own)} : ${toShare(other)}`,
      'p99 ms': `${p99(own)} : ${p99(other)}`,
    },
    target,
    data: { own: own.map(withoutTokens), other: other.map(withoutTokens), rate, cpu },
  }
}

export function rates(results: readonly LoadResult[]): number[] {
  return results.map(({ perSecond }) => perSecond)
}

/** How many requests Plinth answers with the CPU time of one of the other's: above 1 is better than the other. */
export function cpuRatio(
  own: readonly LoadResult[],
  other: readonly LoadResult[],
): number | undefined {
  const mine = cpuTimes(own)
  const theirs = cpuTimes(other)
  return mine && theirs && ratioOf(theirs, mine).value
}

export function cpuTimes(results: readonly LoadResult[]): number[] | undefined {
  const times = results.flatMap(({ cpuUs }) => (cpuUs === undefined ? [] : [cpuUs]))
  return times.length === results.length ? times : undefined
}

export function toCpu(results: readonly LoadResult[]): string {
  const times = cpuTimes(results)
  return times ? median(times).toFixed(times.some((time) => time > 1000) ? 0 : 1) : '?'
}

/** How much of its core the server got, or wanted. */
function toShare(results: readonly LoadResult[]): string {
  const times = cpuTimes(results)
  const shares = times?.map((us, index) => us * (results[index]?.perSecond ?? 0))
  return shares ? (median(shares) / 10_000).toFixed(0) : '?'
}

export function p99(results: readonly LoadResult[]): string {
  const value = median(results.map(({ p99Ms }) => p99Ms))
  return value.toFixed(value < 10 ? 1 : 0)
}

export function toRate(value: number): string {
  return value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en')
}

export function withoutTokens({ tokens: _, ...result }: LoadResult): Omit<LoadResult, 'tokens'> {
  return result
}
