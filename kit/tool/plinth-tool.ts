import { join } from 'node:path'
import { kitActivity } from '#kit/admin'
import { Throttle } from '#kit/auth'
import { AuditChain, AuditEntry } from '#kit/db'
import { IdempotencyKey } from '#kit/http'
import { JobState } from '#kit/jobs'
import { defineTool } from './define-tool.ts'
import { plinthJobs } from './plinth-jobs.ts'
import { SeedMark } from './seed-mark.ts'

/** The kit's own tables, as a tool that comes before all others. */
export const plinthTool = defineTool({
  name: 'plinth',
  models: [AuditEntry, AuditChain, IdempotencyKey, Throttle, SeedMark, JobState],
  routes: [],
  jobs: plinthJobs,
  activity: kitActivity,
  migrations: join(import.meta.dir, 'migrations'),
})
