import { startServer } from '#kit/tool'
import { toFaultLines } from './fault-lines.ts'
import { io } from './io.ts'
import { loadApp } from './load-app.ts'
import { stopSignal } from './stop-signal.ts'

/** Whoever started this process is gone: by then it should have told us to stop, or it was killed. */
const orphaned = new Promise<void>((resolve) => process.once('disconnect', resolve))

/** One of the processes that `plinth start --workers` starts; the argument says how many there are. */
async function work(): Promise<void> {
  // That we stop is said once, by the process that started us.
  const stopped = Promise.race([stopSignal({ ...io, err: () => {} }), orphaned])
  const server = await startServer(await loadApp(process.cwd()), process.env, {
    workers: Number(process.argv[2]),
    print: (line) => void process.send?.({ ready: line }),
  })
  await stopped
  await server.stop()
}

try {
  await work()
  process.exit(0)
} catch (error) {
  for (const line of toFaultLines(error)) io.err(`plinth: ${line}`)
  process.exit(1)
}
