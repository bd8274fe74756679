import type { HttpApp } from '#kit/http'
import { StartError } from './start-error.ts'

export interface Address {
  readonly host: string
  readonly port: number
  /** Whether other processes of ours listen there too; the system then deals out the connections. */
  readonly isShared?: boolean
}

/** A request may take 30 s, in which nothing is sent: only then is a connection idle. */
const idleSeconds = 40

/** Listens. Throws StartError where the address cannot be had. */
export function listen(http: HttpApp, address: Address): Bun.Server<undefined> {
  return claim(address, (request, server) =>
    http.fetch(request, () => server.requestIP(request)?.address ?? ''),
  )
}

/**
 * The port that is to be had, chosen where 0 was asked for. Throws StartError where there is none: before anything is
 * opened, migrated or seeded.
 */
export async function findFreePort(address: Address): Promise<number> {
  const server = claim(address, () => new Response(null, { status: 503 }))
  // A server that has stopped knows it no more.
  const { port = address.port } = server
  await server.stop(true)
  return port
}

type Fetch = (request: Request, server: Bun.Server<undefined>) => Response | Promise<Response>

function claim({ host, port, isShared = false }: Address, fetch: Fetch): Bun.Server<undefined> {
  try {
    return Bun.serve({
      hostname: host,
      port,
      reusePort: isShared,
      idleTimeout: idleSeconds,
      // Ours are far smaller, and a body over them is answered by a problem; Bun would just hang up.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      fetch,
    })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const fault = Object.hasOwn(listenFaults, code) ? listenFaults[code] : undefined
    if (fault === undefined) throw error
    throw new StartError([fault({ host, port })], error)
  }
}

const listenFaults: Readonly<Record<string, (address: Address) => string>> = {
  EADDRINUSE: ({ port }) => {
    const why = port === 5000 ? ' (on macOS by AirPlay, unless it is switched off)' : ''
    const other = port === 5050 ? 5051 : 5050
    return `PORT: Port ${port} is in use${why}. Stop what listens there, or set another one, such as PORT=${other}.`
  },
  EACCES: ({ port }) =>
    `PORT: Port ${port} is for the system alone. Set one from 1024 on, such as PORT=5000.`,
  EADDRNOTAVAIL: ({ host }) =>
    `HOST: "${host}" is no address of this machine. Set 0.0.0.0 for all of its addresses, or 127.0.0.1 for itself alone.`,
}
