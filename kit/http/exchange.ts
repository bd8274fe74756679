import type { Ids } from '#kit/core'
import { toRequestId } from './middleware/request-id.ts'

/** A request on its way through the pipeline. */
export interface Exchange {
  readonly request: Request
  readonly headers: Headers
  readonly method: string
  /** As it was sent: not decoded. */
  readonly path: string
  /** Without its `?`; empty where there is none. */
  readonly search: string
  readonly requestId: string
  readonly peer: Peer | undefined
  /** What a handler adds to the answer's headers, whether that is a success or a problem. */
  added: Readonly<Record<string, string>> | undefined
}

/** The address of the other end, or how to find it out where that costs something. */
export type Peer = string | (() => string | undefined)

/** What goes back. The headers that every answer has are added at the edge. */
export interface Answer {
  readonly status: number
  readonly type: ContentType | undefined
  readonly body: string | Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array> | null
  readonly headers?: Readonly<Record<string, string>> | undefined
}

export type ContentType =
  | 'application/json'
  | 'application/problem+json'
  | 'text/csv; charset=utf-8'
  | 'text/html; charset=utf-8'

/** Reads path and query from the URL's text: `new URL` costs more than all the rest of this. */
export function toExchange(request: Request, ids: Ids, peer: Peer | undefined): Exchange {
  const { url, headers } = request
  const fragment = url.indexOf('#')
  const end = fragment === -1 ? url.length : fragment
  const start = url.indexOf('/', url.indexOf('://') + 3)
  const mark = url.indexOf('?', start)
  const hasQuery = mark !== -1 && mark < end
  return {
    request,
    headers,
    method: request.method,
    path: url.slice(start, hasQuery ? mark : end),
    search: hasQuery ? url.slice(mark + 1, end) : '',
    requestId: toRequestId(headers, ids),
    peer,
    added: undefined,
  }
}

/** The request's path and query. */
export function targetOf({ path, search }: Exchange): string {
  return search === '' ? path : `${path}?${search}`
}
