import { type AuditReport, verifyAudit } from '#kit/db'
import { defineCommand, type Io } from '#kit/tool'
import { withTrail } from '../data/audit-trail.ts'
import { createProgressLines, number } from '../data/progress-lines.ts'

export const auditVerify = defineCommand({
  name: 'audit verify',
  summary: 'Look whether the audit trail is as it was written',
  usage: '',
  options: {
    heads: {
      type: 'boolean',
      about: 'Print where each chain stands, one line each: seq, hash, chain',
    },
  },
  notes: [
    'Each entry that was altered, taken out or put in is named on a line; the exit code is 1 then. The server may go on meanwhile.',
    'Who can write to the whole database can also compute the hashes anew. Heads that are kept elsewhere show that: each must be found again, by its hash, in the trail of later.',
  ],
  examples: ['plinth audit verify', 'plinth audit verify --heads > heads-$(date +%F).txt'],
  environment: ['DATABASE_URL'],
  run: ({ io, options, environment }) =>
    withTrail(environment, async (database) => {
      const progress = createProgressLines(io)
      const report = await verifyAudit(database, ({ entries, total }) =>
        progress({ phase: 'reading', table: 'audit trail', rows: entries, total }),
      )
      if (options.heads)
        for (const { id, seq, hash } of report.heads) io.out(`${seq} ${hash} ${id}`)
      return tell(io, report, options.heads !== true)
    }),
})

function tell(
  io: Io,
  { entries, heads, faults, faultCount }: AuditReport,
  isTold: boolean,
): number {
  for (const { text } of faults) io.out(text)
  if (faultCount > faults.length) io.out(`… and ${number(faultCount - faults.length)} more`)
  const looked = `${count(entries, 'entry', 'entries')} in ${count(heads.length, 'chain', 'chains')}`
  if (faultCount > 0)
    io.err(`plinth: ${count(faultCount, 'fault', 'faults')} in the audit trail: ${looked}.`)
  else if (isTold) io.out(`The audit trail holds: ${looked}.`)
  return faultCount > 0 ? 1 : 0
}

function count(value: number, one: string, many: string): string {
  return `${number(value)} ${value === 1 ? one : many}`
}
