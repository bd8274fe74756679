import { Problem } from '#kit/core'

export interface Exhausted {
  readonly name: string
  /** How many there are in a window. */
  readonly quota: number
  readonly windowMs: number
  readonly retryAfterMs: number
}

/** How a limit stands: what is left of it, and when there is more. */
export interface Standing extends Omit<Exhausted, 'retryAfterMs'> {
  readonly remaining: number
  readonly resetMs: number
}

/** Response headers, as a limit reports itself. */
export type ReportHeaders = (headers: Readonly<Record<string, string>>) => void

/** The `RateLimit` fields of the IETF's draft (draft-ietf-httpapi-ratelimit-headers-10). */
export function rateLimitHeaders({ name, quota, windowMs, remaining, resetMs }: Standing) {
  return {
    'RateLimit-Policy': `"${name}";q=${quota};w=${Math.ceil(windowMs / 1000)}`,
    RateLimit: `"${name}";r=${Math.max(0, remaining)};t=${Math.max(1, Math.ceil(resetMs / 1000))}`,
  }
}

/**
 * The problem of a limit that is used up, with `Retry-After` and the `RateLimit` fields: quota and window, what
 * remains, seconds until there is more.
 */
export function tooMany(exhausted: Exhausted): Problem {
  const { retryAfterMs } = exhausted
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000))
  return new Problem('rate_limited', `Too many attempts. Try again in ${inWords(seconds)}.`, {
    headers: {
      'Retry-After': String(seconds),
      ...rateLimitHeaders({ ...exhausted, remaining: 0, resetMs: retryAfterMs }),
    },
  })
}

function inWords(seconds: number): string {
  if (seconds < 120) return `${seconds} ${seconds === 1 ? 'second' : 'seconds'}`
  return `${Math.ceil(seconds / 60)} minutes`
}
