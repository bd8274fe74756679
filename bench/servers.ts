import { randomBytes } from 'node:crypto'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Started, Workplace } from './workplace.ts'

export const root = join(import.meta.dir, '..')

/** Of one bench: both servers sign with the same. */
const secret = randomBytes(32).toString('base64')
const startPatienceMs = 20_000

/** A way to start a server on a database. */
export interface ServerKind {
  readonly name: string
  readonly command: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

const bun = process.execPath
const cli = join(root, 'kit', 'cli', 'main.ts')
const unauditedPreload = join(import.meta.dir, 'unaudited', 'preload.ts')
const production = {
  PLINTH_ENV: 'production',
  JWT_SECRET_KEY: secret,
  ADMIN_PASSWORD: `bench ${randomBytes(12).toString('hex')}`,
  HOST: '127.0.0.1',
  LOG_LEVEL: 'warn',
  MIGRATE: 'check',
}

/** As its users start it. */
export const plinth: ServerKind = {
  name: 'Plinth',
  command: ['node', join(root, 'bin', 'plinth.js'), 'start'],
  environment: production,
}

/** Its process alone, without the launcher that looks for Bun. */
export const plinthDirect: ServerKind = {
  name: 'Plinth, without its launcher',
  command: [bun, '--no-install', cli, 'start'],
  environment: production,
}

/** The same from dist, as `plinth build` made it: what `plinth start` runs where it is there and current. */
export const plinthBuilt: ServerKind = {
  name: 'Plinth, built, without its launcher',
  command: [bun, '--no-install', join(root, 'dist', 'plinth.js'), 'start'],
  environment: production,
}

/** From the sources: these two are the same but for the audit trail of tasks. */
export const audited: ServerKind = { ...plinthDirect, name: 'with audit' }

export const unaudited: ServerKind = {
  ...plinthDirect,
  name: 'without audit',
  command: [bun, '--no-install', '--preload', unauditedPreload, cli, 'start'],
}

/** Written by hand for these requests alone, its writes committed in groups as Plinth's are. */
export const bare: ServerKind = {
  name: 'bare',
  command: [bun, join(import.meta.dir, 'bare', 'server.ts')],
  environment: { JWT_SECRET_KEY: secret, COMMIT: 'grouped' },
}

/** The same server, which checks and records what is counted with the very statements of Plinth. */
export const bareAudited: ServerKind = {
  ...bare,
  name: 'bare, with audit',
  environment: { ...bare.environment, AUDIT: 'on' },
}

/** The same server, each write committed by itself. */
export const bareSingly: ServerKind = {
  ...bare,
  name: 'bare, no group commit',
  environment: { ...bare.environment, COMMIT: 'singly' },
}

/** Beside Plinth on PostgreSQL: each write in a serializable transaction, as Plinth's are. */
export const barePostgres: ServerKind = {
  ...bare,
  environment: { ...bare.environment, COMMIT: 'transaction' },
}

/** The same, each write a statement and no more. */
export const barePostgresSingly: ServerKind = {
  ...bare,
  name: 'bare, no transaction',
  environment: { ...bare.environment, COMMIT: 'statement' },
}

export interface Server {
  readonly name: string
  /** Of its database. */
  readonly url: string
  readonly port: number
  pid(): number
  stop(): Promise<void>
}

export interface StartServer {
  /** Of its database. */
  readonly url: string
  readonly core?: 0
}

/** Starts a server on this database and resolves when it answers. */
export async function startServer(
  place: Workplace,
  kind: ServerKind,
  { url, core }: StartServer,
): Promise<Server> {
  const port = freePort()
  const started = place.start(kind.command, {
    environment: { ...kind.environment, PORT: String(port), DATABASE_URL: url },
    ...(core === undefined ? {} : { core }),
  })
  await untilHealthy(kind, port, started)
  return { name: kind.name, url, port, pid: started.pid, stop: started.stop }
}

export const urlOf = (file: string): string => `sqlite:///${file}`

/** A copy of a database that no server has open. Answers its URL. */
export function copyDatabase(place: Workplace, file: string): string {
  const copy = join(place.folder, `${randomBytes(6).toString('hex')}.db`)
  copyFileSync(file, copy)
  return urlOf(copy)
}

/** Runs a command of Plinth to its end. Throws what it says where it does not succeed. */
export async function runPlinth(place: Workplace, args: readonly string[]): Promise<void> {
  const started = place.start([bun, '--no-install', cli, ...args], { environment: production })
  const faults = await started.faults()
  if ((await started.code()) !== 0) throw new Error(`plinth ${args[0]} ${args[1]}: ${faults}`)
}

/** A port that nobody listens on at the moment. */
function freePort(): number {
  const listener = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => undefined } })
  const { port } = listener
  listener.stop(true)
  return port
}

async function untilHealthy(kind: ServerKind, port: number, started: Started): Promise<void> {
  const until = performance.now() + startPatienceMs
  while (!(await isHealthy(port))) {
    if (started.hasEnded() || performance.now() > until)
      throw new Error(`${kind.name} does not start. It printed: ${await endOf(started)}`)
    await Bun.sleep(1)
  }
}

async function endOf(started: Started): Promise<string> {
  await started.stop()
  return `${await started.output()}${await started.faults()}`
}

async function isHealthy(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health`, { keepalive: false })
    await response.arrayBuffer()
    return response.status === 200
  } catch {
    // Nobody listens yet.
    return false
  }
}
