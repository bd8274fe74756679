import type { Io } from '#kit/tool'

/** The terminal, npm and the wrapper on Node 20 each deliver one Ctrl-C: what comes so soon is the same one. */
const sameMs = 1000

/** The exit code of a process that a signal stopped. */
export const stoppedCode = 130

const signals = ['SIGINT', 'SIGTERM'] as const

/**
 * Runs work that the first SIGINT or SIGTERM tells to stop, with a line that says so; a later one ends the process at
 * once. When the work is over nobody listens any more.
 */
export async function stoppable<T>(
  { err, process }: Io,
  line: string,
  work: (stop: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  let firstMs: number | undefined
  const onSignal = () => {
    if (firstMs !== undefined) {
      if (process.nowMs() - firstMs > sameMs) process.exit(stoppedCode)
      return
    }
    firstMs = process.nowMs()
    err(line)
    controller.abort()
  }
  for (const signal of signals) process.on(signal, onSignal)
  try {
    return await work(controller.signal)
  } finally {
    for (const signal of signals) process.off(signal, onSignal)
  }
}

/** Resolves once the work is told to stop. */
export function whenStopped(stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }))
}
