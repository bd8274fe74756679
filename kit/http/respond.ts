import type { Config } from '#kit/core'
import type { Answer, ContentType, Exchange } from './exchange.ts'
import { createCors } from './middleware/cors.ts'
import { mustNotBeStored, securityHeaders } from './middleware/security-headers.ts'

export type Respond = (exchange: Exchange, answer: Answer) => Response

interface Prepared {
  readonly plain: Headers
  readonly unstored: Headers
}

/**
 * Makes responses, with all headers that every one of them has. A response copies the headers it is made with: so
 * one set of them serves all, what is one response's own being put in before it is made and taken out after.
 */
export function createRespond(config: Config): Respond {
  const allowOrigin = createCors(config.corsOrigins)
  const security = securityHeaders(config)
  const prepared: Readonly<Record<ContentType | '', Prepared>> = {
    'application/json': prepare(security, 'application/json'),
    'application/problem+json': prepare(security, 'application/problem+json'),
    'text/csv; charset=utf-8': prepare(security, 'text/csv; charset=utf-8'),
    'text/html; charset=utf-8': prepare(security, 'text/html; charset=utf-8'),
    '': prepare(security, undefined),
  }
  const always = new Set(prepared['application/json'].unstored.keys())
  const respondWith = createRespondWith((name) => always.has(name))
  return (exchange, answer) => {
    const { plain, unstored } = prepared[answer.type ?? '']
    const shared = mustNotBeStored(exchange.path) ? unstored : plain
    const origin = exchange.headers.get('origin')
    shared.set('x-request-id', exchange.requestId)
    if (origin === null && exchange.added === undefined && exchange.method !== 'HEAD')
      return respondWith(shared, answer)
    const headers = new Headers(shared)
    setAll(headers, exchange.added)
    allowOrigin(headers, origin)
    return respondWith(headers, exchange.method === 'HEAD' ? withoutBody(answer) : answer)
  }
}

function createRespondWith(isShared: (name: string) => boolean) {
  const overrides = (own: Readonly<Record<string, string>>) => {
    for (const name in own) if (isShared(name.toLowerCase())) return true
    return false
  }
  return (shared: Headers, { status, body, headers: own }: Answer): Response => {
    if (!own) return new Response(body, { status, headers: shared })
    if (overrides(own)) {
      const headers = new Headers(shared)
      setAll(headers, own)
      return new Response(body, { status, headers })
    }
    setAll(shared, own)
    const response = new Response(body, { status, headers: shared })
    for (const name in own) shared.delete(name)
    return response
  }
}

function withoutBody(answer: Answer): Answer {
  const { body, headers } = answer
  if (body === null || body instanceof ReadableStream) return { ...answer, body: null }
  const length = String(body instanceof Blob ? body.size : Buffer.byteLength(body))
  return { ...answer, body: null, headers: { ...headers, 'content-length': length } }
}

function setAll(headers: Headers, given: Answer['headers']): void {
  for (const name in given) headers.set(name, given[name] ?? '')
}

function prepare(security: Record<string, string>, type: ContentType | undefined): Prepared {
  const plain = new Headers(security)
  if (type) plain.set('content-type', type)
  const unstored = new Headers(plain)
  unstored.set('cache-control', 'no-store')
  return { plain, unstored }
}
