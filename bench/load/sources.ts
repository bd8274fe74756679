import type { Feed } from './job.ts'
import { bodyOf } from './response.ts'

/** Gives each connection its next request, and sees what was answered. */
export interface Source {
  next(connection: number): Uint8Array
  take(connection: number, response: Buffer): void
  /** The token each connection holds, where they hold any. */
  tokens(): readonly string[]
}

type Makers = {
  readonly [K in Feed['kind']]: (feed: Extract<Feed, { kind: K }>, connections: number) => Source
}

const makers: Makers = {
  cycle: ({ requests }, connections) => cycleSource(requests, connections),
  refresh: ({ path, tokens }) => refreshSource(path, tokens),
}

/** The source for this feed. */
export function createSource(feed: Feed, connections: number): Source {
  const make = makers[feed.kind] as (feed: Feed, connections: number) => Source
  return make(feed, connections)
}

function cycleSource(texts: readonly string[], connections: number): Source {
  const requests = texts.map((text) => Buffer.from(text))
  const places = Array.from({ length: connections }, (_, index) =>
    Math.floor((index * requests.length) / connections),
  )
  return {
    next: (connection) => {
      const place = places[connection] ?? 0
      places[connection] = place + 1 === requests.length ? 0 : place + 1
      return requests[place] ?? fail('There is no request to send.')
    },
    take: () => undefined,
    tokens: () => [],
  }
}

function refreshSource(path: string, first: readonly string[]): Source {
  const tokens = [...first]
  return {
    next: (connection) => {
      const token = tokens[connection] ?? fail('There are fewer refresh tokens than connections.')
      return Buffer.from(httpRequest({ method: 'POST', path, body: { refresh_token: token } }))
    },
    take: (connection, response) => {
      const answer: { refresh_token?: string } = JSON.parse(bodyOf(response))
      tokens[connection] = answer.refresh_token ?? fail('An answer holds no refresh token.')
    },
    tokens: () => tokens,
  }
}

export interface RequestSpec {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  readonly token?: string
  readonly body?: unknown
}

/** A whole HTTP/1.1 request as text. */
export function httpRequest({ method, path, token, body }: RequestSpec): string {
  const text = body === undefined ? '' : JSON.stringify(body)
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: localhost']
  if (token !== undefined) lines.push(`Authorization: Bearer ${token}`)
  if (body !== undefined)
    lines.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(text)}`)
  return `${lines.join('\r\n')}\r\n\r\n${text}`
}

function fail(message: string): never {
  throw new Error(message)
}
