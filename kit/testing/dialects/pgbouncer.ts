import { connect } from 'node:net'
import { join } from 'node:path'
import { until } from '../until.ts'
import { freePort, type Guarded, makeServerFolder, startGuarded, writeAsServer } from './guarded.ts'

/** Debian puts it where only root looks. */
const program = Bun.which('pgbouncer') ?? Bun.which('pgbouncer', { PATH: '/usr/sbin:/sbin' })

/** A pooler that gives each transaction another server process. */
export interface Pgbouncer {
  readonly port: number
  readonly own: Guarded
}

/** Whether there is a pgbouncer on this machine. Says so where there is none. */
export function hasPgbouncer(): boolean {
  if (program) return true
  console.warn('\n!!! There is no pgbouncer on this machine: THE TESTS THROUGH IT ARE LEFT OUT.\n')
  return false
}

/** Starts a pooler, in transaction mode, before the server on this port. */
export async function startPgbouncer(serverPort: number): Promise<Pgbouncer> {
  if (!program) throw new Error('There is no pgbouncer on this machine.')
  const folder = await makeServerFolder()
  const port = await freePort()
  await writeAsServer(
    folder,
    'pgbouncer.ini',
    `[databases]
* = host=127.0.0.1 port=${serverPort} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
max_client_conn = 200
server_reset_query =
`,
  )
  const own = await startGuarded(folder, [program, join(folder, 'pgbouncer.ini')])
  await until('pgbouncer to answer', () => answers(port))
  return { port, own }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
