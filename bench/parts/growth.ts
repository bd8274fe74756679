import { join } from 'node:path'
import { type Bench, type Contestant, contest, enterContest } from '../contest.ts'
import { atMost, type Finding } from '../finding.ts'
import { makeDatabase } from '../make-database.ts'
import { listPage, readOne, type Scenario } from '../scenarios.ts'
import type { Dataset } from '../seed.ts'
import { copyDatabase, plinth } from '../servers.ts'
import { median, ratioOf } from '../statistics.ts'
import type { Part } from './part.ts'
import { cpuTimes, toRate, withoutTokens } from './throughput.ts'

const large: Dataset = { users: 1000, tasks: 1_000_000 }

/** What reading costs with a hundred times as many tasks. */
export const growth: Part = async (bench) => {
  process.stderr.write('  growth: filling a database with 1,000,000 tasks\n')
  const file = await makeDatabase(bench.place, join(bench.place.folder, 'large.db'), large)
  const newDatabase = async () => copyDatabase(bench.place, file)
  const grown: Bench = { ...bench, newDatabase, dataset: large }
  const contestants = [
    { ...(await enterContest(grown, plinth, readOne)), name: '1,000,000 tasks' },
    { ...(await enterContest(bench, plinth, readOne)), name: '10,000 tasks' },
  ]
  const findings: Finding[] = []
  for (const scenario of [readOne, { ...listPage, title: 'first page of 20' }])
    findings.push(await compareSizes(bench, scenario, contestants))
  for (const { server } of contestants) await server.stop()
  return findings
}

async function compareSizes(
  bench: Bench,
  scenario: Scenario,
  entered: readonly Contestant[],
): Promise<Finding> {
  const contestants = entered.map((one) => ({ ...one, feed: scenario.toFeed(one.sessions) }))
  const [many = [], few = []] = await contest(bench, scenario, contestants)
  const ratesOf = (results: typeof many) => results.map(({ perSecond }) => perSecond)
  // Slower is more: the time of one with a million over the time of one with ten thousand.
  const time = ratioOf(ratesOf(few), ratesOf(many))
  const cpuMany = cpuTimes(many)
  const cpuFew = cpuTimes(few)
  const cpu = cpuMany && cpuFew && ratioOf(cpuMany, cpuFew).value
  return {
    title: `${scenario.title}, growth`,
    cells: {
      '1,000,000 tasks/s': toRate(median(ratesOf(many))),
      '10,000 tasks/s': toRate(median(ratesOf(few))),
      'time ×': `${time.value.toFixed(2)} (${time.lowest.toFixed(2)}–${time.highest.toFixed(2)})`,
      'CPU ×': cpu === undefined ? '' : cpu.toFixed(2),
    },
    target: atMost(1.3, time.value),
    data: { many: many.map(withoutTokens), few: few.map(withoutTokens), time, cpu },
  }
}
