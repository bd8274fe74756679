import { isInterrupted } from '#kit/data'
import type { Io } from '#kit/tool'

/** The terminal, npm and the wrapper on Node each deliver one Ctrl-C: what comes so soon is the same one. */
const sameMs = 1000
const stopped = 130

/**
 * Runs long work that SIGINT and SIGTERM stop at its next step; a second one ends the process at once. Answers the
 * exit code; `resume` says what to do about work that was stopped.
 */
export async function interruptible(
  io: Io,
  resume: string,
  work: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const controller = new AbortController()
  let firstMs: number | undefined
  const onSignal = () => {
    firstMs ??= performance.now()
    if (performance.now() - firstMs > sameMs) process.exit(stopped)
    if (controller.signal.aborted) return
    io.err('Stopping. Once more ends it at once.')
    controller.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  try {
    return await work(controller.signal)
  } catch (error) {
    if (!isInterrupted(error)) throw error
    io.err(`plinth: Stopped. ${resume}`)
    return stopped
  } finally {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}
