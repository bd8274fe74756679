import { isInterrupted } from '#kit/data'
import type { Io } from '#kit/tool'
import { stoppable, stoppedCode } from '../stoppable.ts'

/**
 * Runs long work that SIGINT and SIGTERM stop at its next step; a second one ends the process at once. Answers the
 * exit code; `resume` says what to do about work that was stopped.
 */
export async function interruptible(
  io: Io,
  resume: string,
  work: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  try {
    return await stoppable(io, 'Stopping. Once more ends it at once.', work)
  } catch (error) {
    if (!isInterrupted(error)) throw error
    io.err(`plinth: Stopped. ${resume}`)
    return stoppedCode
  }
}
