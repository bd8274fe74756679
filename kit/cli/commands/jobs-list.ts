import { JobStore } from '#kit/jobs'
import { defineCommand } from '#kit/tool'
import { toColumns } from '../help.ts'

export const jobsList = defineCommand({
  name: 'jobs list',
  summary: 'Show what is done again and again, when it was and when it will be',
  usage: '',
  options: {},
  notes: ['A line is: name, when it runs, last run, next run, and the error of the last run.'],
  examples: ['plinth jobs list'],
  environment: ['DATABASE_URL'],
  run: async ({ io, loadApp, withApp }) => {
    const { jobs } = await loadApp()
    return withApp(async (context) => {
      const states = await new JobStore(context).states()
      const rows = jobs.map(({ name, schedule, isWanted }) => {
        const state = states.get(name)
        const next = isWanted(context.config) ? (state?.next_at ?? 'at the next start') : 'off'
        const last = state?.started_at ?? 'never'
        const fault = state?.last_error ? `failed ${state.failures}×: ${state.last_error}` : 'ok'
        return [name, schedule.text, `last ${last}`, `next ${next}`, last === 'never' ? '' : fault]
      })
      for (const line of toColumns(rows)) io.out(line.trimEnd())
      return 0
    })
  },
})
