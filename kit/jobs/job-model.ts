import { defineModel, f } from '#kit/model'

/** One job, as all processes know it. */
export const JobState = defineModel('plinth_job', {
  table: 'plinth_jobs',
  access: { read: 'admin', write: 'admin' },
  audit: false,
  fields: {
    name: f.text({ max: 100 }).unique(),
    next_at: f.instant(),
    /** Who runs it; nobody where it is null. */
    runner: f.uuid().optional(),
    /** From then on whoever runs it is taken for dead. */
    leased_until: f.instant().optional(),
    /** Of the last run that began. */
    started_at: f.instant().optional(),
    /** Of the last run that ended, well or not. */
    ended_at: f.instant().optional(),
    /** One after the other. */
    failures: f.integer({ min: 0 }).default(0),
    last_error: f.text({ max: 1000 }).optional(),
  },
})
