import { mkdtemp } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findPostgres } from './find-postgres.ts'

/** A server that the tests may make databases on. */
export interface PostgresServer {
  /** Of a superuser, without the name of a database. */
  readonly url: string
  /** Whether it ends with the tests, and all that is on it. */
  readonly isOurs: boolean
}

/**
 * Runs the server until standard input ends, which it does however the tests end, and clears up. Its session is its
 * own, so that Ctrl-C does not reach the server before us.
 */
const guard = `
bin=$1 folder=$2 port=$3
"$bin/postgres" -D "$folder/data" -p "$port" -k "$folder" >"$folder/log" 2>&1 </dev/null &
server=$!
cat >/dev/null
kill -INT $server 2>/dev/null
wait $server
rm -rf "$folder"
`

const settings = `
listen_addresses = '127.0.0.1'
max_connections = 300
shared_buffers = 64MB
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
# None that a test might pass with by chance.
timezone = 'America/New_York'
lc_messages = 'C'
`

const given = process.env['PLINTH_TEST_POSTGRES']

/** Whether there is a server to be had: the one that PLINTH_TEST_POSTGRES names, or programs to start one. */
export function hasPostgres(): boolean {
  return Boolean(given) || findPostgres() !== undefined
}

/** Starts a server of its own for these tests. */
export async function startPostgres(): Promise<PostgresServer> {
  if (given) return { url: given.replace(/\/+$/, ''), isOurs: false }
  const bin = findPostgres()
  if (bin === undefined) throw new Error('There are no PostgreSQL programs on this machine.')
  const folder = await makeFolder()
  await initialize(bin, folder)
  const port = await freePort()
  const server = Bun.spawn(
    asServerUser(['sh', '-c', guard, 'postgres-guard', bin, folder, `${port}`]),
    {
      stdin: 'pipe',
      stdout: 'ignore',
      stderr: 'ignore',
      cwd: folder,
      detached: true,
    },
  )
  server.unref()
  await untilItAnswers(bin, port, folder)
  return { url: `postgres://postgres@127.0.0.1:${port}`, isOurs: true }
}

const isRoot = process.getuid?.() === 0

/** The server does not run as root. */
function asServerUser(command: readonly string[]): string[] {
  if (!isRoot) return [...command]
  const user = Bun.spawnSync(['id', 'postgres']).success ? 'postgres' : 'nobody'
  const drop = ['setpriv', `--reuid=${user}`, '--clear-groups', '--']
  return [...drop, ...command]
}

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-pg-'))
  if (isRoot) await run(['chown', asServerUser([])[1]?.replace('--reuid=', '') ?? 'nobody', folder])
  return folder
}

/** Sorted as people do it, where the server can: then what relies on the order of code points shows. */
async function initialize(bin: string, folder: string): Promise<void> {
  const usual = [
    join(bin, 'initdb'),
    '-D',
    join(folder, 'data'),
    '-U',
    'postgres',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--no-sync',
    '--no-instructions',
  ]
  const people = ['--locale=C', '--locale-provider=icu', '--icu-locale=en-US']
  const isDone = await run(asServerUser([...usual, ...people]), folder).then(
    () => true,
    () => false,
  )
  if (!isDone) {
    await run(asServerUser(['rm', '-rf', join(folder, 'data')]), folder)
    await run(asServerUser([...usual, '--locale=C']), folder)
  }
  await run(
    asServerUser(['sh', '-c', 'cat >>"$1"', 'sh', join(folder, 'data/postgresql.conf')]),
    folder,
    settings,
  )
}

async function run(command: readonly string[], cwd = tmpdir(), input = ''): Promise<void> {
  const child = Bun.spawn([...command], {
    cwd,
    stdin: new Blob([input]),
    stdout: 'ignore',
    stderr: 'pipe',
  })
  const [text, code] = await Promise.all([new Response(child.stderr).text(), child.exited])
  if (code !== 0) throw new Error(`${command.join(' ')} failed: ${text}`)
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

async function untilItAnswers(bin: string, port: number, folder: string): Promise<void> {
  const untilMs = performance.now() + 20_000
  while (performance.now() < untilMs) {
    if (await answers(port)) return
    await Bun.sleep(20)
  }
  const log = await Bun.file(join(folder, 'log'))
    .text()
    .catch(() => '')
  throw new Error(`The PostgreSQL server of ${bin} does not answer: ${log}`)
}

async function answers(port: number): Promise<boolean> {
  const client = new Bun.SQL(`postgres://postgres@127.0.0.1:${port}/postgres`, {
    max: 1,
    tls: 'disable',
  })
  try {
    await client.unsafe('SELECT 1')
    return true
  } catch {
    return false
  } finally {
    await client.close({ timeout: 0 })
  }
}
