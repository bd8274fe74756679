import { z } from 'zod'

/** What a worker tells the process that started it, once it serves. */
const message = z.object({ ready: z.string() })

/** One of several processes that serve together. */
export interface WorkerProcess {
  readonly pid: number
  /** Its line that says it is ready; undefined where it ends before. */
  readonly ready: Promise<string | undefined>
  /** How it ended: `exit code 1`, `SIGKILL`. */
  readonly ended: Promise<string>
  end(signal: 'SIGTERM' | 'SIGKILL'): void
}

/** What a process is started with. */
export interface WorkerCommand {
  readonly words: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Starts a worker. It shares our standard error and ends by itself when we are gone, since the channel then closes. */
export function spawnWorker({ words, environment }: WorkerCommand): WorkerProcess {
  const ready = Promise.withResolvers<string | undefined>()
  const child = Bun.spawn([...words], {
    env: environment,
    stdin: 'ignore',
    stdout: 'inherit',
    stderr: 'inherit',
    ipc: (told) => {
      const parsed = message.safeParse(told)
      if (parsed.success) ready.resolve(parsed.data.ready)
    },
  })
  const ended = child.exited.then(() => {
    ready.resolve(undefined)
    return child.signalCode === null ? `exit code ${child.exitCode}` : `${child.signalCode}`
  })
  return {
    pid: child.pid,
    ready: ready.promise,
    ended,
    end: (signal) => child.kill(signal),
  }
}
