import { SQL } from 'bun'
import { type Bench, type Contestant, contest, enterContest } from '../contest.ts'
import { atMost, type Finding } from '../finding.ts'
import type { LoadResult } from '../load/job.ts'
import { assertSameAnswers } from '../same-answers.ts'
import { changeDurably, createDurably, type Scenario } from '../scenarios.ts'
import { audited, unaudited } from '../servers.ts'
import { median, type Ratio, ratioOf } from '../statistics.ts'
import type { Part } from './part.ts'
import { onPostgres } from './postgres.ts'
import { cpuTimes, rates, toCpu, toRate, withoutTokens } from './throughput.ts'

const wanted = 1.35

/** What the audit trail adds to a write: the same server with it, and with a model of tasks that is not audited. */
export const audit: Part = (bench) => compare(bench, '')

export const auditPostgres: Part = onPostgres((bench) => compare(bench, 'PostgreSQL: '))

async function compare(bench: Bench, prefix: string): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const plain of [createDurably, changeDurably]) {
    const scenario: Scenario = { ...plain, title: `${prefix}${plain.title}` }
    const recording = await enterContest(bench, audited, scenario)
    const silent = await enterContest(bench, unaudited, scenario)
    await assertSameAnswers(scenario, [recording, silent])
    const [own = [], other = []] = await contest(bench, scenario, [recording, silent])
    await assertRecording(recording, silent)
    for (const { server } of [recording, silent]) await server.stop()
    findings.push(toFinding(scenario.title, { own, other }))
  }
  return findings
}

/** Throws where it was not what it is meant to be that was compared. */
async function assertRecording(recording: Contestant, silent: Contestant): Promise<void> {
  const entries = await countEntries(recording)
  const others = await countEntries(silent)
  if (entries === 0 || others !== 0)
    throw new Error(`${entries} entries of tasks with audit, ${others} without: no comparison.`)
}

async function countEntries({ server }: Contestant): Promise<number> {
  const client = new SQL(server.url)
  const [row] = await client.unsafe(
    `SELECT count(*) AS entries FROM plinth_audit WHERE model = 'task'`,
  )
  await client.close()
  return Number(row?.entries)
}

interface Results {
  readonly own: readonly LoadResult[]
  readonly other: readonly LoadResult[]
}

function toFinding(title: string, { own, other }: Results): Finding {
  // More requests a second are less time for each.
  const time = ratioOf(rates(other), rates(own))
  const ownCpu = cpuTimes(own)
  const otherCpu = cpuTimes(other)
  const cpu = ownCpu && otherCpu && ratioOf(ownCpu, otherCpu)
  const worst = Math.max(time.value, cpu?.value ?? 0)
  return {
    title: `${title}, audit`,
    cells: {
      'with/s': toRate(median(rates(own))),
      'without/s': toRate(median(rates(other))),
      'time ×': describe(time),
      'CPU µs': `${toCpu(own)} : ${toCpu(other)}`,
      'CPU ×': cpu ? describe(cpu) : '?',
    },
    target: atMost(wanted, worst, ' each'),
    data: { with: own.map(withoutTokens), without: other.map(withoutTokens), time, cpu },
  }
}

function describe({ value, lowest, highest }: Ratio): string {
  return `${value.toFixed(2)} (${lowest.toFixed(2)}–${highest.toFixed(2)})`
}
