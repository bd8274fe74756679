import type { Config } from '#kit/core'
import type { Answer, ContentType, Exchange } from './exchange.ts'
import { createCors } from './middleware/cors.ts'
import { mustNotBeStored, securityHeaders } from './middleware/security-headers.ts'

export type Respond = (exchange: Exchange, answer: Answer) => Response

interface Prepared {
  readonly plain: Headers
  readonly unstored: Headers
}

/** Makes responses, with all headers that every one of them has. */
export function createRespond(config: Config): Respond {
  const allowOrigin = createCors(config.corsOrigins)
  const security = securityHeaders(config)
  // Copied for each response, and completed before it is made: changing the headers of a response costs more.
  const prepared: Readonly<Record<ContentType | '', Prepared>> = {
    'application/json': prepare(security, 'application/json'),
    'application/problem+json': prepare(security, 'application/problem+json'),
    'text/csv; charset=utf-8': prepare(security, 'text/csv; charset=utf-8'),
    '': prepare(security, undefined),
  }
  return (exchange, { status, type, body, headers: own }) => {
    const { plain, unstored } = prepared[type ?? '']
    const isHead = exchange.method === 'HEAD'
    const headers = new Headers(mustNotBeStored(exchange.path) ? unstored : plain)
    headers.set('x-request-id', exchange.requestId)
    setAll(headers, exchange.added)
    setAll(headers, own)
    allowOrigin(headers, exchange.headers.get('origin'))
    if (isHead && body !== null && !(body instanceof ReadableStream))
      headers.set('content-length', String(Buffer.byteLength(body)))
    return new Response(isHead ? null : body, { status, headers })
  }
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
