import { join } from 'node:path'
import type { Bench } from './contest.ts'
import type { Finding } from './finding.ts'
import { makeDatabase } from './make-database.ts'
import {
  help,
  needPostgres,
  type Options,
  type PartName,
  parseOptions,
  partNames,
} from './options.ts'
import { audit, auditPostgres } from './parts/audit.ts'
import { coldStart } from './parts/cold-start.ts'
import { copy } from './parts/copy.ts'
import { growth } from './parts/growth.ts'
import { memory } from './parts/memory.ts'
import { migrate } from './parts/migrate.ts'
import type { Part } from './parts/part.ts'
import { createPostgres, listPostgres, readPostgres } from './parts/postgres.ts'
import { shopCount, shopPullList, shopSuggest } from './parts/shop.ts'
import { create, list, login, read, refreshing } from './parts/throughput.ts'
import { canHavePostgres, createPostgres as createPostgresServer } from './postgres.ts'
import { describeLoad, describeMachine, keepResults, toTables } from './report.ts'
import type { Dataset } from './seed.ts'
import { copyDatabase } from './servers.ts'
import { createWorkplace, type Workplace } from './workplace.ts'

const parts: Readonly<Record<PartName, Part>> = {
  read,
  list,
  create,
  login,
  refresh: refreshing,
  start: coldStart,
  memory,
  growth,
  audit,
  'postgres-read': readPostgres,
  'postgres-list': listPostgres,
  'postgres-create': createPostgres,
  'postgres-audit': auditPostgres,
  'shop-count': shopCount,
  'shop-pull-list': shopPullList,
  'shop-suggest': shopSuggest,
  copy,
  migrate,
}

/** Each of ten users has 1,000 tasks. */
const dataset: Dataset = { users: 10, tasks: 10_000 }

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args)
  if (typeof options === 'number') return options
  const place = createWorkplace()
  const isEnding = endOnSignal(place)
  try {
    await measure(place, options)
    return 0
  } catch (error) {
    // What was cut off by a signal has no fault of its own.
    if (!isEnding()) console.error(`bench: ${error instanceof Error ? error.message : error}`)
    return 1
  } finally {
    await place.end()
  }
}

function readOptions(args: readonly string[]): Options | number {
  try {
    const options = parseOptions(args)
    if (options) return options
    console.log(help)
    return 0
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : error}`)
    return 2
  }
}

async function measure(place: Workplace, options: Options): Promise<void> {
  console.log(`${describeMachine(options)}; ${describeLoad()}`)
  const file = await makeDatabase(place, join(place.folder, 'small.db'), dataset)
  const newDatabase = async () => copyDatabase(place, file)
  const postgres = createPostgresServer(place)
  const bench: Bench = { place, options, file, dataset, newDatabase, postgres: postgres.get }
  const findings = await runParts(bench).finally(postgres.clear)
  console.log(`\n${toTables(findings)}\n\n${legend}\n`)
  console.log(`At the end: ${describeLoad()}.`)
  console.log(`All of it: ${await keepResults(options, findings)}`)
}

async function runParts(bench: Bench): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const name of partNames) {
    if (!bench.options.only.has(name)) continue
    if (needPostgres.has(name) && !canHavePostgres()) console.log(`${name}: left out; ${lacking}`)
    else findings.push(...(await parts[name](bench)))
  }
  return findings
}

const lacking =
  'there are no PostgreSQL server programs on this machine, and PLINTH_TEST_POSTGRES names no server.'

const legend = [
  'a : b is Plinth : bare, or with : without audit. Each figure is the median of the rounds (lowest–highest).',
  'ratio: Plinth over bare, requests per second. CPU µs: CPU time of the server for one request, all its threads.',
  'CPU ratio: bare over Plinth; it is the steadier one.',
  '% of a core: what each server used. Well below 100 where it only reads, others kept the machine busy: then trust',
  'the CPU ratio, not the ratio. Where it writes it waits for the disk as well.',
  'time ×, CPU ×: how much more of it one takes. CPU is that of our server, never that of PostgreSQL.',
].join('\n')

/** Ends everything at Ctrl-C. Answers whether that has begun. */
function endOnSignal(place: Workplace): () => boolean {
  let isEnding = false
  const end = async (code: number): Promise<void> => {
    if (isEnding) return
    isEnding = true
    await place.end()
    process.exit(code)
  }
  process.on('SIGINT', () => void end(130))
  process.on('SIGTERM', () => void end(143))
  return () => isEnding
}

process.exitCode = await main(process.argv.slice(2))
