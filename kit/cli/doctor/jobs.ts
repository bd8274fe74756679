import { fromInstant } from '#kit/core'
import { bindSystem } from '#kit/db'
import { JobState } from '#kit/jobs'
import { anonymous, type Row } from '#kit/model'
import { type Check, doubtful, type Facts, type Finding, sound } from './check.ts'

/** A server looks every half minute; one that is late by this much is none. */
const lateMs = 10 * 60_000

export const jobsCheck: Check = {
  name: 'jobs',
  look: async ({ app, config, database, nowMs }: Facts) => {
    if (app === undefined || config === undefined || database === undefined) return []
    const binding = { executor: database.reader, actor: anonymous, nowMs: () => nowMs }
    // That there is no table yet is told by the check of migrations.
    const page = await bindSystem(
      database,
      binding,
    )(JobState)
      .list({ limit: 100, sort: 'name' })
      .catch(() => undefined)
    if (page === undefined) return []
    const wanted = new Set(
      app.jobs
        .filter(({ isWanted }) => isWanted({ ...config, secret: '' }))
        .map(({ name }) => name),
    )
    const states = page.rows.filter(({ name }) => wanted.has(name))
    const faults = states.flatMap((state) => faultOf(state, nowMs))
    return faults.length > 0 ? faults : [sound(textOf(states, wanted.size))]
  },
}

type State = Row<typeof JobState>

function faultOf(
  { name, failures, last_error, next_at, started_at }: State,
  nowMs: number,
): Finding[] {
  if (failures > 0)
    return [
      doubtful(
        `${name} failed ${failures} times, last begun ${started_at}, next ${next_at}: ${last_error}`,
        `Mend what it says, then: plinth jobs run ${name}`,
      ),
    ]
  if (fromInstant(next_at) < nowMs - lateMs)
    return [doubtful(`${name} should have run at ${next_at}.`, 'Start a server: jobs run in it.')]
  return []
}

function textOf(states: readonly State[], count: number): string {
  const last =
    states
      .flatMap(({ started_at }) => started_at ?? [])
      .sort()
      .at(-1) ?? 'never'
  const next = states.map(({ next_at }) => next_at).sort()[0] ?? 'at the next start'
  return `${count} jobs, last run ${last}, next ${next}`
}
