import { type BoundRepositories, bindSystem, type Executor } from '#kit/db'
import type { ServiceContext } from '#kit/http'
import { type AnyModel, anonymous, type Input, type Row, type Where } from '#kit/model'
import type { App } from './create-app.ts'
import { SeedMark } from './seed-mark.ts'

/** What a tool's seed works with. */
export interface SeedCall {
  readonly context: ServiceContext
  /** Reads all rows. */
  readonly system: BoundRepositories
  /**
   * The row that meets these conditions; where there is none, it is made of the input. So a seed may run any number of
   * times: what is there stays as it is.
   */
  readonly ensure: <M extends AnyModel>(model: M, key: Where<M>, input: Input<M>) => Promise<Row<M>>
  /**
   * Makes these rows where there never were any: into an empty table, and once. What people change or remove of them
   * stays so however often the seed runs. All of them, or none.
   */
  readonly fill: <M extends AnyModel>(model: M, inputs: readonly Input<M>[]) => Promise<void>
}

/** Puts in the rows that a new installation begins with. */
export type Seed = (call: SeedCall) => Promise<void>

export interface SeedReport {
  readonly tool: string
  readonly made: number
  readonly found: number
}

/** Runs the seeds of these tools in their order. Each row is a unit of its own: a seed that fails may run again. */
export async function runSeeds(
  tools: App['tools'],
  context: ServiceContext,
): Promise<SeedReport[]> {
  const reports: SeedReport[] = []
  for (const { name, seed } of tools) {
    if (!seed) continue
    const counts = { made: 0, found: 0 }
    await seed(createCall(context, counts))
    reports.push({ tool: name, ...counts })
  }
  return reports
}

function createCall(context: ServiceContext, counts: { made: number; found: number }): SeedCall {
  const { database, clock } = context
  const bind = (executor: Executor) =>
    bindSystem(database, { executor, actor: anonymous, nowMs: clock.nowMs })
  return {
    context,
    system: bind(database.reader),
    ensure: async (model, key, input) => {
      const { row, isNew } = await database.write('seed', async (unit) => {
        const rows = bind(unit)(model)
        const found = await rows.find(key)
        return found ? { row: found, isNew: false } : { row: await rows.create(input), isNew: true }
      })
      counts[isNew ? 'made' : 'found'] += 1
      return row
    },
    fill: async (model, inputs) => {
      const found = await database.write('seed', (unit) => fillOnce(bind(unit), model, inputs))
      if (found === undefined) counts.made += inputs.length
      else counts.found += found
    },
  }
}

/** How many rows there are already, if that is why none was made. */
async function fillOnce<M extends AnyModel>(
  system: BoundRepositories,
  model: M,
  inputs: readonly Input<M>[],
): Promise<number | undefined> {
  const mark = { name: model.table }
  const isMarked = (await system(SeedMark).find(mark)) !== undefined
  if (!isMarked) await system(SeedMark).create(mark)
  const count = await system(model).count()
  if (isMarked || count > 0) return count
  await system(model).createMany(inputs)
  return undefined
}
