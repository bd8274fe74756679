import { pruneAudit } from '#kit/db'
import type { ServiceContext } from '#kit/http'

const dayMs = 86_400_000

export interface Pruning {
  /** Resolves when what is too old at the start is gone. */
  readonly first: Promise<void>
  /** Ends it; what is under way ends at its next step. */
  stop(): void
}

/** Removes what is older than AUDIT_RETENTION from the audit trail: now, and once a day. */
export function startPruning(context: ServiceContext): Pruning {
  const { auditRetentionMs } = context.config
  if (auditRetentionMs === undefined) return { first: Promise.resolve(), stop: () => {} }
  const controller = new AbortController()
  const run = () => prune(context, auditRetentionMs, controller.signal)
  const timer = setInterval(() => void run(), dayMs)
  timer.unref()
  return {
    first: run(),
    stop: () => {
      clearInterval(timer)
      controller.abort()
    },
  }
}

/** A fault is for the log: tomorrow it is tried again. */
async function prune(
  { database, clock, log }: ServiceContext,
  retentionMs: number,
  signal: AbortSignal,
): Promise<void> {
  try {
    const entries = await pruneAudit(database, { beforeMs: clock.nowMs() - retentionMs, signal })
    if (entries > 0) log.info({ entries }, 'entries of the audit trail were old enough to go')
  } catch (error) {
    if (!signal.aborted) log.error({ err: error }, 'the audit trail was not pruned')
  }
}
