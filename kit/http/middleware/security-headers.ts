import type { Config } from '#kit/core'

type SecurityOptions = Pick<Config, 'env' | 'corsOrigins'>

/** The headers of every response, whatever it is. */
export function securityHeaders({ env, corsOrigins }: SecurityOptions): Record<string, string> {
  const headers: Record<string, string> = {
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
  }
  // Where no origin is allowed, all are answered alike.
  if (corsOrigins.length > 0) headers['vary'] = 'Origin, Accept'
  if (env === 'production')
    headers['strict-transport-security'] = 'max-age=31536000; includeSubDomains'
  return headers
}

/** Whether answers under this path hold secrets that nobody may keep. */
export function mustNotBeStored(path: string): boolean {
  return path.startsWith('/api/auth') && (path.length === 9 || path[9] === '/')
}
