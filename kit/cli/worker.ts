import { type CommandCall, startServer } from '#kit/tool'
import { stopSignal } from './stop-signal.ts'

type Call = Pick<CommandCall, 'io' | 'environment' | 'loadApp'>

/** Set in the processes that `plinth start --workers` starts: how many there are. */
export const workerVariable = 'PLINTH_WORKER'

/** How many processes serve together where this is one of them; undefined where it serves by itself. */
export function workersBeside(environment: Call['environment']): number | undefined {
  const count = Number(environment[workerVariable] ?? '')
  return process.send && count > 0 ? count : undefined
}

/** Serves as one of several. */
export async function work({ io, environment, loadApp }: Call, workers: number): Promise<number> {
  // Whoever started us is gone: by then he should have told us to stop, or he was killed.
  const orphaned = new Promise<void>((resolve) => process.once('disconnect', resolve))
  // That we stop is said once, by the process that started us.
  const stopped = Promise.race([stopSignal({ ...io, err: () => {} }), orphaned])
  const server = await startServer(await loadApp(), environment, {
    workers,
    print: (line) => void process.send?.({ ready: line }),
  })
  await stopped
  await server.stop()
  return 0
}
