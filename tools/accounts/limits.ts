import { createHash } from 'node:crypto'
import { type AttemptLimit, type LimitedKey, type Quota, toNetwork } from '#kit/auth'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

const guesses = {
  windowMs: 15 * minuteMs,
  lockMs: 15 * minuteMs,
  longestLockMs: dayMs,
  forgetMs: dayMs,
}

const perAccount: AttemptLimit = Object.freeze({
  ...guesses,
  name: 'account',
  failures: 5,
  onSuccess: 'forgive',
})

const perAddress: AttemptLimit = Object.freeze({
  ...guesses,
  name: 'address',
  failures: 20,
  onSuccess: 'give back',
})

/** Who is asked for: a user, or a name that is nobody's. */
export type Asked = { readonly userId: string } | { readonly unknown: string }

/** What an attempt on an account counts for. */
export function attemptKeys(asked: Asked, address: string): readonly LimitedKey[] {
  return [
    { key: accountKey(asked), limit: perAccount },
    { key: `address:${toNetwork(address)}`, limit: perAddress },
  ]
}

/** A user has one key, however his name was spelt; what is nobody's name may be a mistyped password: it is hashed. */
function accountKey(asked: Asked): string {
  if ('userId' in asked) return `user:${asked.userId}`
  const spelling = asked.unknown.normalize('NFKC').trim().toLowerCase()
  return `unknown:${createHash('sha256').update(spelling).digest('hex')}`
}

export function registrationKey(address: string): string {
  return `registration:${toNetwork(address)}`
}

export function registrationQuota(quota: number): Quota {
  return { name: 'registration', quota, windowMs: 60 * minuteMs }
}
