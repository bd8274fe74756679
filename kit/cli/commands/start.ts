import {
  type CommandCall,
  defineCommand,
  type Io,
  startServer,
  startWorkers,
  usageFault,
} from '#kit/tool'
import { environment as variables } from '../environment.ts'
import { stoppable, whenStopped } from '../stoppable.ts'

const options = {
  workers: {
    type: 'string',
    value: 'N',
    about: 'processes that share the port, 1 to 64 (Linux, with PostgreSQL); default 1',
  },
} as const

type Call = CommandCall<typeof options>

export const start = defineCommand({
  name: 'start',
  summary: 'Serve; prints one line with the address when it is ready',
  usage: '',
  options,
  notes: [
    'It listens once the configuration is sound and the data is migrated. SIGTERM or Ctrl-C stops it: requests in flight are finished, exit code 0. What keeps it from starting is told in one line each, exit code 1.',
    'With --workers the system deals out what comes in; a worker that dies is replaced. Each opens up to DATABASE_POOL_MAX connections to PostgreSQL, all of which must fit into its max_connections.',
  ],
  examples: [
    'plinth start',
    'PORT=8080 DATABASE_URL=sqlite:////srv/app.db plinth start',
    'DATABASE_URL=postgresql://app:secret@db/app plinth start --workers 4',
    'PLINTH_ENV=production JWT_SECRET_KEY="$(openssl rand -base64 32)" plinth start',
  ],
  environment: Object.keys(variables),
  run: (call) => {
    const count = toCount(call.options.workers)
    if (isWorker(call)) return serveAsWorker(call, count)
    return count === 1 ? serveAlone(call) : serveTogether(call, count)
  },
})

function toCount(text = '1'): number {
  const count = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (count < 1 || count > 64) throw usageFault(`--workers: "${text}" is no number from 1 to 64.`)
  return count
}

function untilStopped(io: Io, serve: (stopped: Promise<void>) => Promise<number>) {
  const line = 'Stopping: requests in flight are finished. Once more ends it at once.'
  return stoppable(io, line, (stop) => serve(whenStopped(stop)))
}

function serveAlone({ io, environment, loadApp }: Call): Promise<number> {
  return untilStopped(io, async (stopped) => {
    const server = await startServer(await loadApp(), environment, { print: io.out })
    await stopped
    await server.stop()
    return 0
  })
}

/** Names the process whose worker a process is: who merely inherits it is none. */
const parentVariable = 'PLINTH_WORKER_OF'

function isWorker({ environment }: Call): boolean {
  return environment[parentVariable] === String(process.ppid)
}

/** This process serves nothing: it starts those that do, by the command line it was called with, and minds them. */
async function serveTogether({ io, environment, loadApp }: Call, count: number): Promise<number> {
  const main = process.argv[1] ?? ''
  const workers = await startWorkers(await loadApp(), environment, {
    count,
    command: [process.execPath, '--no-install', main, 'start', '--workers', String(count)],
    environment: { [parentVariable]: String(process.pid) },
  })
  const exit = (code: number) => {
    workers.kill()
    io.process.exit(code)
  }
  return untilStopped({ ...io, process: { ...io.process, exit } }, async (stopped) => {
    try {
      const line = await Promise.race([workers.ready, stopped])
      if (line !== undefined) io.out(line)
      await Promise.race([stopped, workers.lost])
    } finally {
      await workers.stop()
    }
    return 0
  })
}

/** One of those processes. It ends when the one that started it is gone: the channel between them then closes. */
function serveAsWorker({ io, environment, loadApp }: Call, workers: number): Promise<number> {
  const orphaned = new Promise<void>((resolve) => process.once('disconnect', resolve))
  // That we stop is said once, by the process that started us.
  return untilStopped({ ...io, err: () => {} }, async (stopped) => {
    const server = await startServer(await loadApp(), environment, {
      workers,
      print: (line) => void process.send?.({ ready: line }),
    })
    await Promise.race([stopped, orphaned])
    await server.stop()
    return 0
  })
}
