import { fromDuration, parseConfig } from '#kit/core'
import { pruneAudit } from '#kit/db'
import { type CommandCall, defineCommand, usageFault } from '#kit/tool'
import { withTrail } from '../data/audit-trail.ts'
import { interruptible } from '../data/interruptible.ts'
import { everyMs, number } from '../data/progress-lines.ts'

const options = {
  'older-than': {
    type: 'string',
    value: 'AGE',
    about: 'A number with d, h, m or s, such as 90d; default: AUDIT_RETENTION',
  },
} as const

export const auditPrune = defineCommand({
  name: 'audit prune',
  summary: 'Remove what is old from the audit trail',
  usage: '',
  options,
  notes: [
    'Of each chain the oldest entries go, all of a request or none. The number and the hash of the last one stay, so that the rest can be verified. What is gone can no longer be undone.',
    'A server with AUDIT_RETENTION does this itself, once a day: the job audit.prune.',
  ],
  examples: ['plinth audit prune --older-than 90d', 'AUDIT_RETENTION=365d plinth audit prune'],
  environment: ['DATABASE_URL', 'AUDIT_RETENTION'],
  run: ({ io, options: given, environment }) => {
    const beforeMs = Date.now() - ageOf({ options: given, environment })
    return interruptible(io, 'What is removed by now stays so.', (signal) =>
      withTrail(environment, async (database) => {
        let toldMs = performance.now()
        const pruned = await pruneAudit(database, {
          beforeMs,
          signal,
          onProgress: (entries) => {
            if (performance.now() - toldMs < everyMs) return
            toldMs = performance.now()
            io.err(`${number(entries)} entries removed`)
          },
        })
        io.out(`${number(pruned)} ${pruned === 1 ? 'entry' : 'entries'} removed`)
        return 0
      }),
    )
  },
})

function ageOf({
  options: given,
  environment,
}: Pick<CommandCall<typeof options>, 'options' | 'environment'>): number {
  const text = given['older-than']
  if (text === undefined) return retentionOf(environment)
  const ms = /[dhms]$/.test(text) ? fromDuration(text) : undefined
  if (ms === undefined) throw usageFault(`audit prune: "${text}" is no age such as 90d.`)
  return ms
}

/** What else is wrong with the settings is of no account here. */
function retentionOf({ AUDIT_RETENTION }: CommandCall['environment']): number {
  const parsed = parseConfig({ AUDIT_RETENTION })
  if (!parsed.ok)
    throw usageFault(`audit prune: AUDIT_RETENTION: ${parsed.errors[0]?.problem ?? ''}`)
  const { auditRetentionMs } = parsed.value
  if (auditRetentionMs !== undefined) return auditRetentionMs
  throw usageFault('audit prune: It needs --older-than AGE, since AUDIT_RETENTION is not set.')
}
