import type { Io } from '#kit/tool'

/** The terminal, npm and the wrapper on Node 20 each deliver one Ctrl-C: what comes so soon is the same one. */
const sameMs = 1000
const forced = 130

export interface Signals {
  /** This process. */
  readonly source: { on(signal: 'SIGINT' | 'SIGTERM', action: () => void): unknown }
  readonly exit: (code: number) => void
  readonly nowMs: () => number
}

export const ofThisProcess: Signals = {
  source: process,
  exit: (code) => process.exit(code),
  nowMs: () => performance.now(),
}

/** Resolves at the first SIGINT or SIGTERM. A later one ends the process at once. */
export function stopSignal(io: Io, { source, exit, nowMs } = ofThisProcess): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let firstMs: number | undefined
  const onSignal = () => {
    if (firstMs !== undefined) {
      if (nowMs() - firstMs > sameMs) exit(forced)
      return
    }
    firstMs = nowMs()
    io.err('Stopping: requests in flight are finished. Once more ends it at once.')
    resolve()
  }
  source.on('SIGINT', onSignal)
  source.on('SIGTERM', onSignal)
  return promise
}
