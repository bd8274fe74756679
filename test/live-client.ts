/** An event as a browser would hand it on. */
export interface Heard {
  readonly id: string
  readonly event: string
  readonly data: unknown
}

export interface LiveClient {
  readonly status: number
  readonly headers: Headers
  /** The next event that is no heartbeat; undefined once the answer has ended. */
  readonly next: () => Promise<Heard | undefined>
  readonly leave: () => Promise<void>
}

export interface LiveRequest {
  readonly token: string
  readonly models: string
  readonly lastEventId?: string
}

/** Listens over a socket, and parses what comes as the standard says. */
export async function listenLive(url: string, asked: LiveRequest): Promise<LiveClient> {
  const response = await fetch(`${url}/api/live?models=${asked.models}`, {
    headers: {
      authorization: `Bearer ${asked.token}`,
      ...(asked.lastEventId ? { 'last-event-id': asked.lastEventId } : {}),
    },
  })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const block = async (): Promise<string | undefined> => {
    for (;;) {
      const end = text.indexOf('\n\n')
      if (end !== -1) {
        const found = text.slice(0, end)
        text = text.slice(end + 2)
        return found
      }
      const part = await reader?.read().catch(() => undefined)
      if (part?.value === undefined) return undefined
      text += part.value
    }
  }
  let id = ''
  const next = async (): Promise<Heard | undefined> => {
    for (;;) {
      const lines = (await block())?.split('\n')
      if (!lines) return undefined
      const field = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
      id = field('id') ?? id
      const data = field('data')
      if (data !== undefined)
        return { id, event: field('event') ?? 'message', data: JSON.parse(data) }
    }
  }
  return {
    status: response.status,
    headers: response.headers,
    next,
    leave: async () => void (await reader?.cancel()),
  }
}
