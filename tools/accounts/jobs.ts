import { toInstant } from '#kit/core'
import { defineJob, removeOld } from '#kit/jobs'
import { Session } from './model.ts'

export const sessionExpiry = defineJob({
  name: 'session.expire',
  summary: 'Remove sessions whose time is over',
  every: '1h',
  system: 'the sessions of all users',
  run: async (job) => {
    const before = toInstant(job.clock.nowMs() + 1)
    await removeOld(job, { model: Session, field: 'expires_at', before })
  },
})
