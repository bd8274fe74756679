import { JobRunner } from '#kit/jobs'
import { defineCommand } from '#kit/tool'
import { interruptible } from '../data/interruptible.ts'

export const jobsRun = defineCommand({
  name: 'jobs run',
  summary: 'Run a job now, before its time',
  usage: '<name>',
  options: {},
  notes: ['It works beside a server. Where the job runs already, here or there, it says so.'],
  examples: ['plinth jobs run session.expire'],
  environment: ['DATABASE_URL'],
  run: async ({ io, args: [name = ''], loadApp, withApp }) => {
    const { jobs } = await loadApp()
    return withApp((context) => {
      const runner = new JobRunner(jobs, context)
      return interruptible(io, 'What is done by now stays so.', async (signal) => {
        signal.addEventListener('abort', () => void runner.stop())
        await runner.runNow(name)
        io.out(`${name}: done`)
        return 0
      })
    })
  },
})
