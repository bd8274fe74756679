import { responseLength } from './response.ts'

export interface Client {
  send(request: Uint8Array): void
  close(): void
}

/**
 * One keep-alive connection on which one request is answered before the next is sent. `onResponse` gets each
 * whole response, `onFault` what ends the connection.
 */
export async function openClient(
  port: number,
  on: { response: (response: Buffer) => void; fault: (error: Error) => void },
): Promise<Client> {
  let before: Buffer | undefined
  let isClosing = false

  const receive = (chunk: Buffer): void => {
    const bytes = before ? Buffer.concat([before, chunk]) : chunk
    const length = responseLength(bytes)
    if (length === undefined || bytes.length < length) {
      before = Buffer.from(bytes)
      return
    }
    if (bytes.length > length) throw new Error('The server answered more than was asked.')
    before = undefined
    on.response(bytes)
  }

  const socket = await Bun.connect({
    hostname: '127.0.0.1',
    port,
    socket: {
      data: (_, chunk) => guard(() => receive(chunk), on.fault),
      error: (_, error) => on.fault(error),
      close: () => {
        if (!isClosing) on.fault(new Error('The server closed a connection.'))
      },
    },
  })
  return {
    send: (request) => {
      const written = socket.write(request)
      if (written !== request.length) on.fault(new Error('A request did not fit into the socket.'))
    },
    close: () => {
      isClosing = true
      socket.end()
    },
  }
}

function guard(work: () => void, onFault: (error: Error) => void): void {
  try {
    work()
  } catch (error) {
    onFault(error instanceof Error ? error : new Error(String(error)))
  }
}
