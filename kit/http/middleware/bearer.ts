import { Problem } from '#kit/core'

const scheme = /^bearer(?: +|$)/i
/** RFC 6750, 2.1: `b64token`. */
const wellFormed = /^[A-Za-z0-9._~+/-]+=*$/

/** The token of the `Authorization` header. Throws `unauthenticated`, with its reason. */
export function bearerTokenOf(headers: Headers): string {
  const value = headers.get('authorization')
  if (value === null)
    throw refused('Sign in first: send the header "Authorization: Bearer <token>".', 'Bearer')
  // The spelling that all clients use, without a pattern: what is wrong inside the token is its verifier's to say.
  if (value.startsWith('Bearer ') && value.length > 7 && !value.includes(' ', 7))
    return value.slice(7)
  const match = scheme.exec(value)
  if (!match) throw refused('The Authorization header must use the scheme "Bearer".', 'Bearer')
  const token = value.slice(match[0].length)
  if (wellFormed.test(token)) return token
  throw refused(
    token === ''
      ? 'The Authorization header holds no token after "Bearer".'
      : 'The Authorization header is malformed: it must be "Bearer" and one token.',
    'Bearer error="invalid_request"',
  )
}

function refused(detail: string, challenge: string): Problem {
  return new Problem('unauthenticated', detail, { headers: { 'www-authenticate': challenge } })
}
