import { closeSync, existsSync, openSync, writeSync } from 'node:fs'
import { chown, cp, mkdtemp } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../until.ts'

/**
 * Runs a server until nobody holds the other end of the pipe any more, however the tests end (Ctrl-C and `kill -9`
 * too), then removes its folder. A line that names a signal ends the server with that; `start` starts it again.
 */
const guard = `
folder=$1
shift
start() {
  "$@" >>"$folder/log" 2>&1 </dev/null &
  server=$!
}
start "$@"
while read -r word; do
  case $word in
    start) start "$@" ;;
    stop) break ;;
    *) kill -"$word" $server; wait $server ;;
  esac
done
# One that is just starting may not hear it.
(
  for turn in 1 2 3 4 5 6 7 8 9 10; do
    kill -INT $server || exit
    sleep 0.3
  done
  kill -KILL $server
) >/dev/null 2>&1 &
wait $server
rm -rf "$folder"
`

/** Leaves the guard behind and ends: a test that runs out of time has its child processes killed, not theirs. */
const launch =
  'guard=$1; shift; sh -c "$guard" plinth-test-server "$@" <"$1/pipe" >/dev/null 2>&1 &'

/** A server that does not outlive the tests. */
export interface Guarded {
  /** Ends it with a signal; it stays away until it is started again. */
  end(signal: 'INT' | 'QUIT' | 'TERM'): void
  start(): void
  /** Ends it for good and removes its folder. */
  stop(): Promise<void>
}

export async function startGuarded(folder: string, command: readonly string[]): Promise<Guarded> {
  const pipe = join(folder, 'pipe')
  await runAsServer(['mkfifo', '-m', '600', pipe], folder)
  // For both directions, since opening it for one waits for the other end.
  const end = openSync(pipe, 'r+')
  const tell = (word: string) => void writeSync(end, `${word}\n`)
  const launcher = Bun.spawn(asServerUser(['sh', '-c', launch, 'sh', guard, folder, ...command]), {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'ignore'],
    // In a session of its own: Ctrl-C is for the tests, and what ends them ends the server.
    detached: true,
  })
  await launcher.exited
  return {
    end: tell,
    start: () => tell('start'),
    stop: async () => {
      tell('stop')
      closeSync(end)
      await until(`the server in ${folder} to end`, () => !existsSync(folder))
    },
  }
}

const isRoot = process.getuid?.() === 0

/** The command as a user that servers agree to run as: they refuse root. */
export function asServerUser(command: readonly string[]): string[] {
  if (!isRoot) return [...command]
  return ['setpriv', `--reuid=${serverUser()}`, '--clear-groups', '--', ...command]
}

function serverUser(): string {
  return idOf('postgres') === undefined ? 'nobody' : 'postgres'
}

function idOf(user: string): number | undefined {
  const asked = Bun.spawnSync(['id', '-u', user])
  return asked.success ? Number(asked.stdout.toString()) : undefined
}

/** A folder that the server may write to. */
export async function makeServerFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-server-'))
  if (isRoot) await chown(folder, idOf(serverUser()) ?? 0, -1)
  return folder
}

/** Copies a folder that this user may not read into his own. */
export async function copyForServer(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true, verbatimSymlinks: true })
  if (isRoot) await Bun.$`chown -R ${serverUser()} ${to}`.quiet()
}

/** Runs a command as that user to its end. Throws what it said where it failed. */
export async function runAsServer(
  command: readonly string[],
  folder: string,
  input = '',
): Promise<void> {
  const child = Bun.spawn(asServerUser(command), {
    cwd: folder,
    stdin: new Blob([input]),
    stdout: 'ignore',
    stderr: 'pipe',
  })
  const [text, code] = await Promise.all([new Response(child.stderr).text(), child.exited])
  if (code !== 0) throw new Error(`${command.join(' ')} failed: ${text}`)
}

/** Writes a file that belongs to that user and is read by nobody else. */
export function writeAsServer(folder: string, name: string, text: string): Promise<void> {
  return runAsServer(['sh', '-c', 'umask 077; cat >>"$1"', 'sh', join(folder, name)], folder, text)
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
