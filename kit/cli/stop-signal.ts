import type { Io } from '#kit/tool'

/** The terminal, npm and the wrapper on Node 20 each deliver one Ctrl-C: what comes so soon is the same one. */
const sameMs = 1000
const forced = 130

/** Resolves at the first SIGINT or SIGTERM. A later one ends the process at once. */
export function stopSignal(io: Io): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let firstMs: number | undefined
  const onSignal = () => {
    if (firstMs !== undefined) {
      if (performance.now() - firstMs > sameMs) process.exit(forced)
      return
    }
    firstMs = performance.now()
    io.err('Stopping: requests in flight are finished. Once more ends it at once.')
    resolve()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return promise
}
