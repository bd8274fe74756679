import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './source-files.ts'

type Environment = Readonly<Record<string, string>>

/** A server as users run it: a process of its own. */
export interface ServerProcess {
  readonly url: string
  readonly pid: number
  /** Standard output until now. */
  readonly printed: () => string
  /** Standard error until now. */
  readonly logged: () => string
  /** Sends a signal and answers the exit code, null where the signal itself ended it. */
  readonly end: (signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL') => Promise<number | null>
}

/** What Bun is told to run: the command line, or a server whose passwords cost little. */
export const plinthStart = [join(root, 'kit/cli/main.ts'), 'start']
export const quickServer = [join(root, 'test/quick-server.ts')]

export interface HowToStart {
  /** The folder whose app is served. Default: ours. */
  readonly app?: string
  /** Default: `plinthStart`. */
  readonly words?: readonly string[]
}

/** A temporary folder, and the environment of a server that keeps its data there. */
export async function makeHome() {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-server-'))
  const environment: Environment = {
    DATABASE_URL: `sqlite:///${join(folder, 'data', 'app.db')}`,
    HOST: '127.0.0.1',
    PORT: '0',
    REGISTRATION_LIMIT: '1000',
  }
  return { folder, environment, remove: () => rm(folder, { recursive: true, force: true }) }
}

/** None outlives its test, whatever becomes of that. */
const longestMs = 120_000
/** How long it may take to start, and to end, on a busy machine. */
const patienceMs = 15_000

function spawn(environment: Environment, { app = root, words = plinthStart }: HowToStart) {
  // Nobody's .env has a say in a test.
  const child = Bun.spawn([process.execPath, '--no-env-file', ...words], {
    cwd: app,
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: longestMs,
    killSignal: 'SIGKILL',
  })
  return { child, out: collect(child.stdout), err: collect(child.stderr) }
}

/** Gathers what a stream says. `saw` answers the match once the pattern occurs, undefined if the stream ends before. */
function collect(stream: ReadableStream<Uint8Array>) {
  let text = ''
  const waiting: (() => void)[] = []
  const wake = () => {
    for (const resume of waiting.splice(0)) resume()
  }
  let isOpen = true
  const ended = (async () => {
    const decoder = new TextDecoder()
    for await (const chunk of stream) {
      text += decoder.decode(chunk, { stream: true })
      wake()
    }
    isOpen = false
    wake()
  })()
  const saw = async (pattern: RegExp): Promise<RegExpExecArray | undefined> => {
    for (;;) {
      const match = pattern.exec(text)
      if (match) return match
      if (!isOpen) return undefined
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
  }
  return { text: () => text, saw, ended }
}

/** Starts a server and waits until it says where it listens. Throws with what it said where it does not. */
export async function startServer(
  environment: Environment,
  how: HowToStart = {},
): Promise<ServerProcess> {
  const { child, out, err } = spawn(environment, how)
  const overdue = setTimeout(() => child.kill('SIGKILL'), patienceMs)
  const said = await out.saw(/(http:\/\/[^\s/]+:\d+)/)
  clearTimeout(overdue)
  if (!said?.[1]) {
    await Promise.all([child.exited, err.ended])
    throw new Error(`The server did not start (exit ${child.exitCode}): ${out.text()}${err.text()}`)
  }
  return {
    url: said[1].replace('0.0.0.0', '127.0.0.1'),
    pid: child.pid,
    printed: out.text,
    logged: err.text,
    end: async (signal) => {
      child.kill(signal)
      const overdue = setTimeout(() => child.kill('SIGKILL'), patienceMs)
      await Promise.all([child.exited, out.ended, err.ended])
      clearTimeout(overdue)
      return child.signalCode === null ? child.exitCode : null
    },
  }
}

/** Runs a server that is expected to refuse to start: its exit code and all it said. */
export async function runServer(environment: Environment, how: HowToStart = {}) {
  const { child, out, err } = spawn(environment, how)
  const overdue = setTimeout(() => child.kill('SIGKILL'), patienceMs)
  await Promise.all([child.exited, out.ended, err.ended])
  clearTimeout(overdue)
  return { exitCode: child.exitCode, printed: out.text(), logged: err.text() }
}

export interface Reply<Body> {
  readonly status: number
  readonly headers: Headers
  readonly body: Body
}

/** One JSON request. */
export async function call<Body = Record<string, unknown>>(
  url: string,
  line: string,
  given: { readonly token?: string; readonly body?: unknown; readonly headers?: Environment } = {},
): Promise<Reply<Body>> {
  const [method = 'GET', path = '/'] = line.split(' ')
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(given.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(given.token ? { authorization: `Bearer ${given.token}` } : {}),
      ...given.headers,
    },
    ...(given.body === undefined ? {} : { body: JSON.stringify(given.body) }),
  })
  const body = (await response.json()) as Body
  return { status: response.status, headers: response.headers, body }
}

export interface Session {
  readonly token: string
  readonly refresh_token: string
  readonly user: { readonly id: string; readonly username: string }
}

export async function register(url: string, username: string): Promise<Session> {
  const reply = await call<Session>(url, 'POST /api/auth/register', {
    body: { username, password: 'correct horse battery' },
  })
  if (reply.status !== 201)
    throw new Error(`register: ${reply.status} ${JSON.stringify(reply.body)}`)
  return reply.body
}
