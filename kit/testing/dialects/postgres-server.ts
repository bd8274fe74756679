import { dirname, join } from 'node:path'
import { findPostgres } from './find-postgres.ts'
import {
  copyForServer,
  freePort,
  type Guarded,
  makeServerFolder,
  runAsServer,
  startGuarded,
  writeAsServer,
} from './guarded.ts'

/** A server that the tests may make databases on. */
export interface PostgresServer {
  /** Of a superuser, without the name of a database. */
  readonly url: string
  /** The server itself where we started it: then it ends with the tests, and all that is on it. */
  readonly own?: Guarded
}

const setting = process.env['PLINTH_TEST_POSTGRES'] ?? ''
const given = setting.includes('://') ? setting.replace(/\/+$/, '') : undefined

/** Whether there is a server to be had: the one that PLINTH_TEST_POSTGRES names, or programs to start one. */
export function hasPostgres(): boolean {
  return given !== undefined || findPostgres() !== undefined
}

/** The server that is given, or one started for these tests. */
export async function findPostgresServer(): Promise<PostgresServer> {
  return given === undefined ? startPostgres() : { url: given }
}

const settings = `
listen_addresses = '127.0.0.1'
max_connections = 200
shared_buffers = 64MB
# What is lost at a power cut is lost; what a killed server was told to keep is kept.
fsync = off
full_page_writes = off
autovacuum = off
# Nothing that a test might pass with by chance.
timezone = 'America/New_York'
lc_messages = 'C'
`

export interface StartOptions {
  /** Further lines of postgresql.conf. */
  readonly settings?: string
  /** Instead of letting everybody in. */
  readonly access?: string
  /** Files beside the data, by name: certificates. */
  readonly files?: Readonly<Record<string, string>>
}

/** Starts a server of its own. */
export async function startPostgres(options: StartOptions = {}): Promise<Required<PostgresServer>> {
  const found = findPostgres()
  if (found === undefined) throw new Error('There are no PostgreSQL programs on this machine.')
  const folder = await makeServerFolder()
  const bin = await withinReach(found, folder)
  const data = join(folder, 'data')
  await initialize(bin, folder)
  await writeAsServer(data, 'postgresql.conf', settings + (options.settings ?? ''))
  if (options.access !== undefined) {
    await runAsServer(['rm', join(data, 'pg_hba.conf')], folder)
    await writeAsServer(data, 'pg_hba.conf', options.access)
  }
  for (const [name, text] of Object.entries(options.files ?? {}))
    await writeAsServer(data, name, text)
  const port = await freePort()
  const own = await startGuarded(folder, [
    join(bin, 'postgres'),
    '-D',
    data,
    '-p',
    `${port}`,
    '-k',
    folder,
  ])
  await untilItAnswers(port, folder)
  return { url: `postgres://postgres@127.0.0.1:${port}`, own }
}

/** The user that the server runs as may not be let into our home: then the programs are copied. */
async function withinReach(bin: string, folder: string): Promise<string> {
  const canRun = runAsServer([join(bin, 'postgres'), '--version'], folder)
  if (
    await canRun.then(
      () => true,
      () => false,
    )
  )
    return bin
  const copy = join(folder, 'programs')
  await copyForServer(dirname(bin), copy)
  return join(copy, 'bin')
}

const usual = ['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
/** Sorted as people do it: then what relies on the order of code points shows. */
const forPeople = ['--locale-provider=icu', '--icu-locale=en-US']

async function initialize(bin: string, folder: string): Promise<void> {
  const command = [join(bin, 'initdb'), '-D', join(folder, 'data'), ...usual]
  try {
    await runAsServer([...command, ...forPeople], folder)
  } catch {
    // A server built without ICU, or from before version 15; initdb has cleared up behind itself.
    await runAsServer(command, folder)
  }
}

async function untilItAnswers(port: number, folder: string): Promise<void> {
  const untilMs = performance.now() + 20_000
  while (performance.now() < untilMs) {
    if (await answers(port)) return
    await Bun.sleep(20)
  }
  const log = await Bun.file(join(folder, 'log')).text()
  throw new Error(`The PostgreSQL server of the tests does not answer: ${log}`)
}

/** Whether it lets us in or says why not; while it starts it says so, too. */
async function answers(port: number): Promise<boolean> {
  const client = new Bun.SQL(`postgres://postgres@127.0.0.1:${port}/postgres`, {
    max: 1,
    tls: 'prefer',
  })
  try {
    await client.unsafe('SELECT 1')
    return true
  } catch (error) {
    const state = error instanceof Bun.SQL.PostgresError ? error.errno : undefined
    return state !== undefined && state !== '57P03'
  } finally {
    await client.close({ timeout: 0 })
  }
}
