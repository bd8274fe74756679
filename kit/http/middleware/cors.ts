/** What a browser of another origin may send. */
const allowedHeaders =
  'authorization, content-type, if-match, if-none-match, idempotency-key, x-request-id'
/** What its script may read. */
const exposedHeaders =
  'link, etag, x-total-count, x-request-id, retry-after, idempotency-replayed, location'
const preflightSeconds = '600'

/** Adds to a response what lets this origin's scripts read it; nothing for a stranger. */
export type AllowOrigin = (headers: Headers, origin: string | null) => void

/** Cross-origin access for exactly these origins, with credentials. */
export function createCors(origins: readonly string[]): AllowOrigin {
  const allowed = new Set(origins)
  return (headers, origin) => {
    if (origin === null || !allowed.has(origin)) return
    headers.set('access-control-allow-origin', origin)
    headers.set('access-control-allow-credentials', 'true')
    headers.set('access-control-expose-headers', exposedHeaders)
  }
}

/** Whether a browser asks here what another origin's script may send. */
export function isPreflight(headers: Headers): boolean {
  return headers.has('origin') && headers.has('access-control-request-method')
}

/** What a pre-flight is answered. It means nothing to a browser where the origin is not allowed. */
export function preflightHeaders(allow: string): Record<string, string> {
  return {
    'access-control-allow-methods': allow,
    'access-control-allow-headers': allowedHeaders,
    'access-control-max-age': preflightSeconds,
  }
}
