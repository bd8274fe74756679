import { Problem } from '#kit/core'
import type { Answer, Exchange } from './exchange.ts'
import { isPreflight, preflightHeaders } from './middleware/cors.ts'

/** Answers a request whose path has other methods only, or none at all. */
export function answerUnmatched(exchange: Exchange, found: readonly string[]): Answer {
  if (found.length === 0) throw new Problem('not_found', 'There is nothing at this path.')
  const allow = toAllow(found)
  if (exchange.method === 'OPTIONS') {
    const more = isPreflight(exchange.headers) ? preflightHeaders(allow) : undefined
    return { status: 204, type: undefined, body: null, headers: { allow, ...more } }
  }
  throw new Problem('method_not_allowed', `${exchange.method} does not work here: use ${allow}.`, {
    headers: { allow },
  })
}

function toAllow(methods: readonly string[]): string {
  return methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ')
}
