import { createRows, findClashes } from '#kit/admin'
import { FaultList, type ImportRow, readRows } from '#kit/csv'
import { assertGoingOn } from '#kit/data'
import type { Unit } from '#kit/db'
import type { ServiceContext } from '#kit/http'
import type { AnyModel } from '#kit/model'
import { defineCommand } from '#kit/tool'
import { type InputFile, withInputFile } from '../data/input-file.ts'
import { interruptible } from '../data/interruptible.ts'
import { createProgressLines, number } from '../data/progress-lines.ts'
import { modelNamed, reach, type Worker, workerNamed } from '../data/reach.ts'

/** As long as it takes: an operator watches it, and can stop it. */
const limitMs = 24 * 60 * 60 * 1000

export const importCsv = defineCommand({
  name: 'import',
  summary: 'Create rows of a model from CSV: all of them, or none',
  usage: '<model> <file>',
  options: {
    as: { type: 'string', value: 'USER', about: 'Whose rows they become, and who is on record' },
    'dry-run': { type: 'boolean', about: 'Only look for faults' },
  },
  notes: [
    'The header names fields, as an export does; - reads standard input. The file is checked as a whole, then imported in',
    'one transaction, beside a server that runs: on SQLite nobody else can write meanwhile. Any number of lines will do.',
    'Without --as the file says whose rows they are. An admin may name others there, too.',
  ],
  examples: [
    'plinth import task tasks.csv --as ada',
    'plinth import item items.csv --dry-run',
    'zcat items.csv.gz | plinth import item -',
  ],
  environment: ['DATABASE_URL'],
  run: async ({ io, args: [name = '', file = ''], options, loadApp, withApp }) => {
    const app = await loadApp()
    const model = modelNamed(app, name)
    const stopped = 'Nothing was imported.'
    return withApp((context) =>
      interruptible(io, stopped, (signal) =>
        withInputFile({ io, name: file }, async (input) => {
          const worker = await workerNamed(app, context, options.as)
          const startedMs = performance.now()
          const onProgress = createProgressLines(io)
          const work = { context, model, worker, input, signal, onProgress }
          const rows = await check(work)
          if (options['dry-run']) {
            io.out(`${number(rows)} rows of ${model.table} could be imported; nothing was written`)
            return 0
          }
          await load(work, rows)
          const seconds = (performance.now() - startedMs) / 1000
          const pace = number(Math.round(rows / seconds))
          io.out(
            `imported ${number(rows)} rows into ${model.table} in ${seconds.toFixed(1)} s (${pace} rows/s)`,
          )
          return 0
        }),
      ),
    )
  },
})

interface Work {
  readonly context: ServiceContext
  readonly model: AnyModel
  readonly worker: Worker
  readonly input: InputFile
  readonly signal: AbortSignal
  readonly onProgress: ReturnType<typeof createProgressLines>
}

interface Pass {
  readonly phase: 'reading' | 'writing'
  readonly total: number
  readonly take: (rows: readonly ImportRow[], faults: FaultList) => Promise<void>
}

/** Goes through the file once. Throws with its faults, and between two portions where it is to stop. */
async function pass(work: Work, { phase, total, take }: Pass): Promise<number> {
  const { model, worker, input, signal, onProgress } = work
  const faults = new FaultList()
  let count = 0
  const options = { model, ownerId: worker?.id ?? undefined, faults }
  for await (const rows of inPortions(readRows(input.chunks(), options))) {
    await take(rows, faults)
    count += rows.length
    onProgress({ phase, table: model.table, rows: count, total })
    assertGoingOn({ signal })
  }
  faults.assertNone()
  return count
}

/** How many rows are held in memory. */
const portionSize = 2000

async function* inPortions(
  batches: AsyncIterable<readonly ImportRow[]>,
): AsyncGenerator<readonly ImportRow[]> {
  let portion: ImportRow[] = []
  for await (const batch of batches) {
    portion.push(...batch)
    if (portion.length < portionSize) continue
    yield portion
    portion = []
  }
  yield portion
}

/** Answers how many rows there are. Values that stand twice further apart than a portion the database will refuse. */
function check(work: Work): Promise<number> {
  const { context, model, worker } = work
  const repositories = reach(context, worker, context.database.reader)
  return pass(work, {
    phase: 'reading',
    total: 0,
    take: async (rows, faults) => faults.add(...(await findClashes({ repositories, model, rows }))),
  })
}

/** In one transaction. It may be begun anew, and then reads the file anew. */
function load(work: Work, total: number): Promise<number> {
  const { context, model, worker } = work
  const into = (unit: Unit) => {
    const repositories = reach(context, worker, unit)
    return pass(work, {
      phase: 'writing',
      total,
      take: (rows) => createRows({ repositories, model, rows }),
    })
  }
  return context.database.write(`import.${model.name}`, into, { limitMs })
}
