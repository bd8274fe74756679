import { Throttle, throttleKeptMs } from '#kit/auth'
import { toInstant } from '#kit/core'
import { pruneAudit } from '#kit/db'
import { cleanFiles } from '#kit/files'
import { IdempotencyKey, idempotencyKeptMs } from '#kit/http'
import { defineJob, type Job, removeOld } from '#kit/jobs'

const throttleSweep = defineJob({
  name: 'throttle.sweep',
  summary: 'Forget attempts that count no more',
  every: '1h',
  system: 'attempts are counted for those who are not signed in',
  run: async (job) => {
    const before = toInstant(job.clock.nowMs() - throttleKeptMs)
    await removeOld(job, { model: Throttle, field: 'updated_at', before })
  },
})

const idempotencyClean = defineJob({
  name: 'idempotency.clean',
  summary: 'Forget answers that were kept for their idempotency key',
  every: '1h',
  system: 'the keys of all users',
  run: async (job) => {
    const before = toInstant(job.clock.nowMs() - idempotencyKeptMs)
    await removeOld(job, { model: IdempotencyKey, field: 'created_at', before })
  },
})

const auditPrune = defineJob({
  name: 'audit.prune',
  summary: 'Remove what is older than AUDIT_RETENTION from the audit trail',
  every: '1d',
  system: 'the trail is of all users',
  isWanted: ({ auditRetentionMs }) => auditRetentionMs !== undefined,
  run: async ({ config, database, clock, signal, log }) => {
    const { auditRetentionMs } = config
    if (auditRetentionMs === undefined) return
    const beforeMs = clock.nowMs() - auditRetentionMs
    const entries = await pruneAudit(database, { beforeMs, signal })
    if (entries > 0) log.info({ entries }, 'entries of the audit trail were old enough to go')
  },
})

const filesClean = defineJob({
  name: 'files.clean',
  summary: 'Remove files that no row holds',
  every: '1d',
  system: 'the files of all rows',
  run: (job) => cleanFiles(job, job.signal),
})

/** What the kit does with its own tables, and with files. */
export const plinthJobs: readonly Job[] = Object.freeze([
  throttleSweep,
  idempotencyClean,
  auditPrune,
  filesClean,
])
