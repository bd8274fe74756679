import { existsSync, statSync } from 'node:fs'
import { fromInstant, toInstant } from '#kit/core'
import { bindSystem, type Database } from '#kit/db'
import { type AnyModel, anonymous } from '#kit/model'
import { broken, type Check, dataFileOf, type Facts, sound } from './check.ts'

/** When this was written: a clock that shows less is wrong. */
const earliest = '2026-01-01T00:00:00.000Z'
/** By how much clocks of machines that share a database may differ. */
const toleranceMs = 60_000

const repair =
  'Set the clock of this machine (timedatectl set-ntp true). Tokens and sessions go by it.'

export const clockCheck: Check = {
  name: 'clock',
  look: async (facts) => {
    const { nowMs } = facts
    const now = toInstant(nowMs)
    if (now < earliest) return [broken(`It shows ${now}.`, repair)]
    const newest = [...fileTimes(facts), ...(await rowTimes(facts))].sort((a, b) => b.ms - a.ms)[0]
    return newest && newest.ms > nowMs + toleranceMs
      ? [broken(`It shows ${now}, but ${newest.of} is of ${toInstant(newest.ms)}.`, repair)]
      : [sound(now)]
  },
}

interface Time {
  readonly of: string
  readonly ms: number
}

function fileTimes({ config }: Facts): Time[] {
  const file = config && dataFileOf(config)
  return file !== undefined && existsSync(file) ? [{ of: file, ms: statSync(file).mtimeMs }] : []
}

async function rowTimes({ app, database, nowMs }: Facts): Promise<Time[]> {
  if (app === undefined || database === undefined) return []
  const times = await Promise.all(app.models.map((model) => newestOf(model, database, nowMs)))
  return times.flat()
}

/** Nothing where the table is not there yet: that is told by the check of migrations. */
async function newestOf(model: AnyModel, database: Database, nowMs: number): Promise<Time[]> {
  const system = bindSystem(database, {
    executor: database.reader,
    actor: anonymous,
    nowMs: () => nowMs,
  })
  const page = await system(model)
    .list({ limit: 1 })
    .catch(() => undefined)
  const created = page?.rows[0]?.['created_at']
  return typeof created === 'string'
    ? [{ of: `the newest ${model.name}`, ms: fromInstant(created) }]
    : []
}
