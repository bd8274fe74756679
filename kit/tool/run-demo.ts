import { dateIn, type Log, nextDate, Problem, timeOfDayMs } from '#kit/core'
import { bindSystem } from '#kit/db'
import type { ServiceContext } from '#kit/http'
import { anonymous } from '#kit/model'
import type { App } from './create-app.ts'
import { createDraw, type Demo, type DemoStep, type Stage } from './demo.ts'
import { createMovedClock, type MovedClock, openStage } from './demo-stage.ts'
import type { OpenAppOptions } from './open-app.ts'
import { runSeeds, type SeedReport } from './seed.ts'
import { SeedMark } from './seed-mark.ts'

export interface DemoOptions extends Pick<OpenAppOptions, 'config' | 'overrides'> {
  /** The set of tools whose days are played. Tools of no set play their part in every one. */
  readonly set: string
  readonly days: number
  readonly log: Log
  readonly nowMs: () => number
  readonly say: (line: string) => void
}

export interface DemoReport {
  readonly seeds: readonly SeedReport[]
  /** How many requests people sent; undefined where the demo had been played before. */
  readonly requests: number | undefined
}

const dayMs = 86_400_000

/**
 * Seeds the tools of a set, and plays the days before today with them: requests through all rules, at a clock that is
 * moved. Plays once: a database that has the demo stays as it is. Throws `conflict` for one that people work with, and
 * for one in which a demo was cut off.
 */
export async function runDemo(app: App, options: DemoOptions): Promise<DemoReport> {
  const { config, log, set, days, nowMs, say, overrides = [] } = options
  const clock = createMovedClock(nowMs() - days * dayMs)
  const seeded = app.tools.filter(({ seedSet }) => seedSet === set)
  const demos = app.tools.flatMap(({ seedSet, demo }) =>
    demo && (seedSet === set || seedSet === undefined) ? [demo] : [],
  )
  const stage = await openStage(app, { config, log, clock, overrides })
  const { context } = stage.opened
  try {
    const isNew = await begin(context, set, demos)
    const seeds = await runSeeds(seeded, context)
    if (!isNew) return { seeds, requests: undefined }
    const { storeTimezone } = config
    const first = dateIn(storeTimezone)(clock.nowMs())
    const steps = toTimed(demos, { first, days, storeTimezone })
    await play(
      steps.filter(({ atMs }) => atMs < nowMs() - margin),
      clock,
      { send: stage.send, draw: createDraw(days), say },
    )
    await addMark(context, wholeMark(set))
    return { seeds, requests: stage.count() }
  } finally {
    await stage.opened.close()
  }
}

/** No step takes longer. */
const margin = 20 * 60_000

const begunMark = (set: string) => `demo of ${set}: begun`
const wholeMark = (set: string) => `demo of ${set}`

/** Whether the demo is to be played. */
async function begin(
  { database, clock }: ServiceContext,
  set: string,
  demos: readonly Demo[],
): Promise<boolean> {
  return database.write('demo', async (executor) => {
    const system = bindSystem(database, { executor, actor: anonymous, nowMs: clock.nowMs })
    if (await system(SeedMark).find({ name: wholeMark(set) })) return false
    if (await system(SeedMark).find({ name: begunMark(set) }))
      throw new Problem('conflict', `A demo was cut off in this database. ${another}`)
    for (const model of demos.flatMap(({ history }) => history)) {
      const count = await system(model).count()
      if (count > 0)
        throw new Problem(
          'conflict',
          `People work with this database: it has ${count} rows in ${model.table}. ${another}`,
        )
    }
    await system(SeedMark).create({ name: begunMark(set) })
    return true
  })
}

const another = 'Name another database in DATABASE_URL for a demo.'

async function addMark({ database, clock }: ServiceContext, name: string): Promise<void> {
  await database.write('demo', (executor) =>
    bindSystem(database, { executor, actor: anonymous, nowMs: clock.nowMs })(SeedMark).create({
      name,
    }),
  )
}

interface TimedStep {
  readonly atMs: number
  readonly run: DemoStep['run']
}

interface Calendar {
  /** The date of day 0. */
  readonly first: string
  readonly days: number
  readonly storeTimezone: string
}

/** The steps of all tools, one after the other. */
function toTimed(demos: readonly Demo[], { first, days, storeTimezone }: Calendar): TimedStep[] {
  const dates = [first]
  // A step of the last day may go on in the morning after.
  for (let day = 0; day <= days; day += 1) dates.push(nextDate(dates[day] ?? first))
  return demos
    .flatMap(({ steps }) => steps(days))
    .map(({ day, time, run }) => ({
      atMs: timeOfDayMs(dates[day] ?? first, time, storeTimezone),
      run,
    }))
    .sort((a, b) => a.atMs - b.atMs)
}

async function play(steps: readonly TimedStep[], clock: MovedClock, stage: Stage): Promise<void> {
  for (const { atMs, run } of steps) {
    clock.moveTo(atMs)
    await run(stage)
  }
}
