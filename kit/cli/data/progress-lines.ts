import type { Phase, Progress } from '#kit/data'
import type { Io } from '#kit/tool'

/** How often long work says how far it is. */
export const everyMs = 2000

const verbs: Readonly<Record<Phase, string>> = {
  reading: 'read',
  writing: 'written',
  verifying: 'compared',
}

/** Tells on standard error how far long work has come; work that is done within seconds says nothing. */
export function createProgressLines(
  io: Io,
  nowMs: () => number = () => performance.now(),
): (progress: Progress) => void {
  let toldMs = nowMs()
  let begin = { phase: '', table: '', rows: 0, ms: toldMs }
  return ({ phase, table, rows, total }) => {
    const now = nowMs()
    if (begin.phase !== phase || begin.table !== table) begin = { phase, table, rows, ms: toldMs }
    if (now - toldMs < everyMs) return
    const perSecond = Math.round(((rows - begin.rows) / (now - begin.ms)) * 1000)
    // How many there are in a file is known once it was read.
    const of = total > 0 ? ` of ${number(total)}` : ''
    const percent = total > 0 ? ` (${Math.min(100, Math.floor((rows / total) * 100))} %)` : ''
    io.err(
      `${table}: ${number(rows)}${of} rows ${verbs[phase]}${percent}, ${number(perSecond)} rows/s`,
    )
    toldMs = now
  }
}

export function number(value: number): string {
  return value.toLocaleString('en-US')
}
