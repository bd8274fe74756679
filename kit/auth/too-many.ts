import { Problem } from '#kit/core'

export interface Exhausted {
  readonly name: string
  /** How many there are in a window. */
  readonly quota: number
  readonly windowMs: number
  readonly retryAfterMs: number
}

/**
 * The problem of a limit that is used up, with `Retry-After` and the `RateLimit` fields of the IETF's draft
 * (draft-ietf-httpapi-ratelimit-headers-10): quota and window, what remains, seconds until there is more.
 */
export function tooMany({ name, quota, windowMs, retryAfterMs }: Exhausted): Problem {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000))
  return new Problem('rate_limited', `Too many attempts. Try again in ${inWords(seconds)}.`, {
    headers: {
      'Retry-After': String(seconds),
      'RateLimit-Policy': `"${name}";q=${quota};w=${Math.ceil(windowMs / 1000)}`,
      RateLimit: `"${name}";r=0;t=${seconds}`,
    },
  })
}

function inWords(seconds: number): string {
  if (seconds < 120) return `${seconds} ${seconds === 1 ? 'second' : 'seconds'}`
  return `${Math.ceil(seconds / 60)} minutes`
}
